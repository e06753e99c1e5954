"""Sweeps of other shapes."""

import math

from assignment1_basics.tests import run_logs


def random_sweep(draw):
    """Eight runs in any order: (rate, losses, whether they diverge, log)."""
    runs = []
    for index in range(8):
        rate = 1e-5 * 3**index * draw.number(0.8, 1.2)
        lost = draw.number(0, 1) < 0.4
        losses = (
            run_logs.diverging(draw, draw.choice(["nan", "inf", "up"]))
            if lost
            else run_logs.learning(draw, draw.number(1, 2), 10)
        )
        runs.append((rate, losses[-1], lost, run_logs.log_of(losses, lr=rate, warmup=draw.integer(0, 5))))
    return run_logs.shuffled(draw, runs)


def test_everything_about_random_sweeps(adapters, check, draw):
    for _ in range(10):
        runs = random_sweep(draw)
        logs = [log for *_, log in runs]
        rows = sorted((rate, final, lost) for rate, final, lost, _ in runs)
        found = adapters.run_summarise_sweep(logs)
        check.that(len(found) == 8, f"run_summarise_sweep returned {len(found)} rows; expected 8")
        for (rate, final, lost), row in zip(found, rows, strict=True):
            check.close(rate, row[0], rtol=1e-9, who="run_summarise_sweep")
            check.close(final, row[1], rtol=1e-9, who="run_summarise_sweep")
            check.equal(lost, row[2], who="run_summarise_sweep")
        sound = [(final, rate) for rate, final, lost in rows if not lost]
        if not sound:
            check.equal(adapters.run_best_learning_rate(logs), None, who="run_best_learning_rate")
            continue
        best = min(sound)[1]
        check.close(adapters.run_best_learning_rate(logs), best, rtol=1e-9, who="run_best_learning_rate")
        above = [rate for rate, _, lost in rows if lost and rate > best]
        found = adapters.run_divergence_ratio(logs)
        if above:
            check.close(found, min(above) / best, rtol=1e-9, who="run_divergence_ratio")
        else:
            check.equal(found, None, who="run_divergence_ratio")


def test_one_and_a_half_times_the_minimum_is_the_border(adapters, check, draw):
    for _ in range(10):
        least = draw.integer(1, 2000) / 256  # so that one and a half times it is exact
        start = least * draw.number(1.1, 4)
        for end, diverged in ((1.5 * least, False), (1.5 * least + 1 / 256, True), (least, False)):
            log = run_logs.log_of([start, None, least, 4 * least, None, end, None])
            check.equal(adapters.run_has_diverged(log), diverged, who="run_has_diverged")


def test_one_loss_that_is_not_finite_is_enough(adapters, check, draw):
    for key in ("train_loss", "val_loss"):
        for value in (math.nan, math.inf, -math.inf):
            log = run_logs.log_of(run_logs.learning(draw, 1.5, 14))
            log = run_logs.overwritten(log, draw.integer(0, 13), key, value)
            check.equal(adapters.run_has_diverged(log), True, who="run_has_diverged")
