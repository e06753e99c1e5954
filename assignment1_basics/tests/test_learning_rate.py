"""A sweep over learning rates: which runs diverged, which rate is best, how far it is from too large."""

import math

import pytest

from assignment1_basics.tests import run_logs

DIVERGED, SUMMARY, BEST, RATIO = (
    "run_has_diverged",
    "run_summarise_sweep",
    "run_best_learning_rate",
    "run_divergence_ratio",
)


def sweep(rates, losses):
    """A log for each learning rate."""
    return [run_logs.log_of(each, lr=rate) for rate, each in zip(rates, losses, strict=True)]


@pytest.fixture
def drawn(draw):
    """(rates, finals, logs): five runs that learn, then three that diverge, one in each way."""
    rates = [1e-4 * 2.5**index * draw.number(0.9, 1.1) for index in range(8)]
    finals = [1.2 + 0.1 * index for index in draw.permutation(5).tolist()]
    losses = [run_logs.learning(draw, final) for final in finals]
    losses += [run_logs.diverging(draw, kind) for kind in ("up", "nan", "inf")]
    return rates, finals, sweep(rates, losses)


# ----------------------------------------------------------------------------------------------------------
# Divergence


@pytest.mark.parametrize("kind", ["nan", "inf", "up"])
def test_a_run_that_is_lost_has_diverged(adapters, check, draw, kind):
    records = run_logs.log_of(run_logs.diverging(draw, kind))
    check.equal(adapters.run_has_diverged(records), True, who=DIVERGED)


def test_a_run_that_learns_has_not_diverged(adapters, check, draw):
    records = run_logs.log_of(run_logs.learning(draw, draw.number(1, 2)))
    check.equal(adapters.run_has_diverged(records), False, who=DIVERGED)


@pytest.mark.parametrize(
    ("case", "losses"),
    [
        ("exactly_one_and_a_half_times", [4.0, 2.0, 3.0]),
        ("a_spike_and_a_recovery", [4.0, 2.0, 9.0, 2.5]),
        ("still_falling", [8.0, 4.0, 2.0]),
        ("not_measured_within", [2.0, None, 2.75]),
        ("one_measurement", [5.0]),
        ("no_loss_at_all", [0.0, 0.0]),
    ],
)
def test_a_run_whose_end_is_near_its_best_has_not_diverged(adapters, check, case, losses):
    records = [{**record, "train_loss": 2.0} for record in run_logs.log_of(losses)]
    check.equal(adapters.run_has_diverged(records), False, who=DIVERGED, hint=f"val_loss was {losses}")


@pytest.mark.parametrize(
    ("case", "losses"),
    [
        ("just_above_one_and_a_half_times", [4.0, 2.0, 3.0078125]),
        ("not_measured_at_the_end", [4.0, 2.0, 3.0078125, None, None]),
        ("the_best_came_first", [2.0, 4.0, 4.0]),
        ("nan_within", [4.0, 2.0, math.nan, 1.5]),
        ("nan_first", [math.nan, 3.0, 2.0]),
        ("infinite_within", [4.0, math.inf, 2.0]),
        ("minus_infinite_within", [4.0, -math.inf, 2.0]),
    ],
)
def test_a_run_that_ends_far_above_its_best_or_loses_its_loss_has_diverged(adapters, check, case, losses):
    records = [{**record, "train_loss": 2.0} for record in run_logs.log_of(losses)]
    check.equal(adapters.run_has_diverged(records), True, who=DIVERGED, hint=f"val_loss was {losses}")


def test_a_training_loss_counts_only_where_it_is_not_finite(adapters, check, draw):
    log = run_logs.log_of(run_logs.learning(draw, 1.5))
    for value, diverged in ((math.nan, True), (math.inf, True), (-math.inf, True), (1e9, False), (None, False)):
        for index in (0, draw.integer(1, len(log)), len(log) - 1):
            records = run_logs.overwritten(log, index, "train_loss", value)
            hint = f"train_loss of record {index} was {value}"
            check.equal(adapters.run_has_diverged(records), diverged, who=DIVERGED, hint=hint)


# ----------------------------------------------------------------------------------------------------------
# The sweep


def check_summary(check, found, expected):
    check.that(len(found) == len(expected), f"{SUMMARY} returned {len(found)} rows; expected one a run")
    for (rate, final, diverged), row in zip(found, expected, strict=True):
        check.close(rate, row[0], rtol=1e-9, who=f"{SUMMARY} as a learning rate")
        check.close(final, row[1], rtol=1e-9, who=f"{SUMMARY} as a final loss")
        check.equal(diverged, row[2], who=f"{SUMMARY} as a verdict")


def test_a_sweep_is_listed_by_learning_rate(adapters, check, draw, drawn):
    rates, finals, runs = drawn
    ends = [runs[index][-1]["val_loss"] for index in range(len(runs))]
    check.that(ends[:5] == finals, "the fixture's runs end elsewhere; expected the drawn losses")
    expected = list(zip(rates, ends, [False] * 5 + [True] * 3, strict=True))
    check_summary(check, adapters.run_summarise_sweep(run_logs.shuffled(draw, runs)), expected)


def test_the_rate_of_a_run_is_its_greatest(adapters, check):
    runs = [run_logs.log_of([3.0, 2.0, 1.5, 1.25], lr=0.5, warmup=warmup) for warmup in (0, 1, 3)]
    for run in runs:
        check_summary(check, adapters.run_summarise_sweep([run]), [(0.5, 1.25, False)])


def test_the_final_loss_is_the_last_that_was_measured(adapters, check):
    run = run_logs.log_of([3.0, 1.0, 1.25, None, None], lr=0.01)
    check_summary(check, adapters.run_summarise_sweep([run]), [(0.01, 1.25, False)])


def test_an_empty_sweep_has_no_rows(adapters, check):
    check.equal(adapters.run_summarise_sweep([]), [], who=SUMMARY)


# ----------------------------------------------------------------------------------------------------------
# The best rate, and the first that is too large


def test_the_best_rate_ends_with_the_smallest_loss(adapters, check, draw, drawn):
    rates, finals, runs = drawn
    found = adapters.run_best_learning_rate(run_logs.shuffled(draw, runs))
    check.close(found, rates[finals.index(min(finals))], rtol=1e-9, who=BEST)


@pytest.mark.parametrize(
    ("case", "losses", "best"),
    [
        ("the_least_diverged", [[4.0, 2.5], [4.0, 1.0, 1.75], [4.0, 2.25]], 2),
        ("the_end_counts_not_the_minimum", [[4.0, 1.0, 1.375], [4.0, 1.25]], 1),
        ("nan_first", [[4.0, math.nan], [4.0, 2.0], [4.0, 3.0]], 1),
        ("nan_last", [[4.0, 3.0], [4.0, 2.0], [4.0, math.nan]], 1),
        ("minus_infinity", [[4.0, -math.inf], [4.0, 3.0]], 1),
        ("equal_so_the_smaller_rate", [[4.0, 2.0], [4.0, 2.0, None], [4.0, 3.0]], 0),
    ],
)
def test_the_best_of_special_sweeps(adapters, check, case, losses, best):
    runs = sweep([0.25 * 2**index for index in range(len(losses))], losses)
    for order in (runs, runs[::-1]):
        check.close(adapters.run_best_learning_rate(order), 0.25 * 2**best, rtol=1e-9, who=BEST)


def test_without_a_run_that_learns_there_is_no_best(adapters, check, draw):
    runs = sweep([0.1, 0.2, 0.3], [run_logs.diverging(draw, kind) for kind in ("up", "nan", "inf")])
    for some in (runs, []):
        check.equal(adapters.run_best_learning_rate(some), None, who=BEST)
        check.equal(adapters.run_divergence_ratio(some), None, who=RATIO)


def test_how_far_the_best_rate_is_from_too_large(adapters, check, draw, drawn):
    rates, finals, runs = drawn
    best = rates[finals.index(min(finals))]
    found = adapters.run_divergence_ratio(run_logs.shuffled(draw, runs))
    check.close(found, rates[5] / best, rtol=1e-9, who=RATIO)


def test_a_sweep_in_which_nothing_diverges_has_no_ratio(adapters, check, drawn):
    check.equal(adapters.run_divergence_ratio(drawn[2][:5]), None, who=RATIO)


def test_a_run_that_diverges_below_the_best_rate_does_not_count(adapters, check):
    lost, good, better = [4.0, math.nan], [4.0, 2.0], [4.0, 1.5]
    check.equal(adapters.run_divergence_ratio(sweep([0.1, 0.2, 0.4], [lost, good, better])), None, who=RATIO)
    runs = sweep([0.1, 0.2, 0.4, 0.8, 1.6], [lost, better, good, lost, lost])
    check.close(adapters.run_divergence_ratio(runs), 4.0, rtol=1e-9, who=RATIO)
