"""A sweep over batch sizes: what it costs to reach a loss, and which batch size reaches it first."""

import math

import pytest

from assignment1_basics.tests import run_logs

COST, FASTEST = "run_cost_to_reach", "run_fastest_batch_size"


def timed(losses, seconds, tokens):
    """A log with a record for each step, a step taking so many seconds and tokens."""
    return run_logs.log_of(losses, every=1, seconds=seconds, tokens=tokens)


def reached_at(record):
    return record["step"], record["wall_s"], record["tokens"]


def test_the_cost_is_that_of_the_first_record_at_most_the_target(adapters, check, draw):
    for _ in range(5):
        log = run_logs.log_of(run_logs.learning(draw, 1.25, 20), seconds=draw.number(0.1, 2))
        target = draw.number(1.26, 2.2)
        expected = next(reached_at(each) for each in log if each["val_loss"] is not None and each["val_loss"] <= target)
        check.equal(adapters.run_cost_to_reach(log, target), expected, who=COST)


@pytest.mark.parametrize(
    ("case", "losses", "target", "place"),
    [
        ("equal_is_reached", [4.0, 2.0, 1.5], 2.0, 1),
        ("not_measured_at_first", [4.0, None, 2.0], 3.0, 2),
        ("it_need_not_stay_there", [4.0, 2.0, 5.0, 1.0], 2.5, 1),
        ("nan_is_not_reached", [4.0, math.nan, 2.0], 2.5, 2),
        ("at_once", [1.0, 2.0], 1.5, 0),
        ("zero", [0.0], 0.0, 0),
    ],
)
def test_the_cost_in_special_logs(adapters, check, case, losses, target, place):
    log = run_logs.log_of(losses)
    check.equal(adapters.run_cost_to_reach(log, target), reached_at(log[place]), who=COST)


def test_a_loss_that_is_not_reached_has_no_cost(adapters, check):
    for losses in ([4.0, 3.0], [4.0, math.nan], [4.0, None], [None, 3.0], [4.0, math.inf]):
        found = adapters.run_cost_to_reach(run_logs.log_of(losses), 2.5)
        check.equal(found, None, who=COST, hint=f"val_loss was {losses}, the target 2.5")


def test_the_training_loss_does_not_count(adapters, check):
    log = [{**record, "train_loss": 0.5} for record in run_logs.log_of([4.0, 3.0, 2.0])]
    check.equal(adapters.run_cost_to_reach(log, 2.5), reached_at(log[2]), who=COST)


def test_the_fastest_batch_size_needs_the_fewest_seconds(adapters, check, draw):
    # Larger batches need fewer steps and more tokens; the middle one needs the least time.
    runs = {
        8: timed([4.0] * 16 + [1.5], 1.0, 8 * 256),
        32: timed([4.0] * 7 + [1.5], 1.5, 32 * 256),
        128: timed([4.0] * 4 + [1.5], 4.0, 128 * 256),
    }
    order = run_logs.shuffled(draw, list(runs))
    check.equal(adapters.run_fastest_batch_size({size: runs[size] for size in order}, 2.0), 32, who=FASTEST)


def test_the_target_decides_which_is_the_fastest(adapters, check):
    runs = {16: timed([4.0, 2.0, 1.9, 1.8, 1.7], 1.0, 4096), 64: timed([4.0, 3.0, 1.5], 1.5, 16_384)}
    check.equal(adapters.run_fastest_batch_size(runs, 2.0), 16, who=FASTEST)
    check.equal(adapters.run_fastest_batch_size(runs, 1.75), 64, who=FASTEST)
    check.equal(adapters.run_fastest_batch_size(runs, 1.5), 64, who=FASTEST)


def test_of_equally_fast_ones_the_one_with_fewer_tokens_then_the_smaller(adapters, check):
    runs = {8: timed([4.0, 3.0, 1.0], 1.0, 9000), 64: timed([4.0, 1.0], 2.0, 16_000)}
    check.equal(adapters.run_fastest_batch_size(runs, 2.0), 64, who=FASTEST)
    runs = {64: timed([4.0, 1.0], 2.0, 16_000), 8: timed([4.0, 3.0, 1.0], 1.0, 8000)}
    check.equal(adapters.run_fastest_batch_size(runs, 2.0), 8, who=FASTEST)


def test_runs_that_do_not_reach_the_target_are_left_out(adapters, check):
    runs = {1: timed([4.0, math.nan], 0.1, 256), 4: timed([4.0] * 9 + [1.0], 1.0, 1024), 2: timed([3.0], 0.1, 512)}
    check.equal(adapters.run_fastest_batch_size(runs, 2.0), 4, who=FASTEST)


def test_without_a_run_that_reaches_it_there_is_no_fastest(adapters, check):
    for runs in ({}, {4: [4.0, 3.0]}, {4: [4.0, math.nan], 8: [None, 3.5]}):
        logs = {size: timed(losses, 1.0, 1024) for size, losses in runs.items()}
        check.equal(adapters.run_fastest_batch_size(logs, 2.0), None, who=FASTEST)


def test_random_sweeps(adapters, check, draw):
    for _ in range(6):
        runs, costs = {}, {}
        for size in run_logs.shuffled(draw, [1, 2, 4, 8, 16, 32]):
            seconds, length = draw.number(0.2, 3), draw.integer(2, 20)
            reached = draw.integer(0, 4) > 0
            runs[size] = timed([4.0] * length + [1.5 if reached else 2.5, 3.0], seconds, size * 512)
            if reached:
                costs[size] = runs[size][length]["wall_s"]
        expected = min(costs, key=lambda size: costs[size]) if costs else None
        check.equal(adapters.run_fastest_batch_size(runs, 2.0), expected, who=FASTEST)
