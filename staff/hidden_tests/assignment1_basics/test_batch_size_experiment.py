"""Costs and batch sizes of other sweeps."""

import math

from assignment1_basics.tests import run_logs


def first_at_most(log, target):
    for record in log:
        if record["val_loss"] is not None and record["val_loss"] <= target:
            return record["step"], record["wall_s"], record["tokens"]
    return None


def random_runs(draw):
    runs = {}
    for size in run_logs.shuffled(draw, [1, 3, 8, 24, 64, 200]):
        losses = run_logs.learning(draw, draw.number(1, 2), draw.integer(4, 25))
        if draw.number(0, 1) < 0.3:
            losses[draw.integer(0, len(losses))] = math.nan
        runs[size] = run_logs.log_of(
            losses, every=draw.integer(1, 30), seconds=draw.number(0.01, 1), tokens=size * draw.integer(64, 512)
        )
    return runs


def test_costs_of_random_targets(adapters, check, draw):
    for log in (*random_runs(draw).values(), *random_runs(draw).values()):
        target = draw.number(0.9, 4)
        expected = first_at_most(log, target)
        check.equal(adapters.run_cost_to_reach(log, target), expected, who="run_cost_to_reach")


def test_the_fastest_of_random_sweeps(adapters, check, draw):
    for _ in range(12):
        runs, target = random_runs(draw), draw.number(1, 2.5)
        costs = {size: first_at_most(log, target) for size, log in runs.items()}
        reached = [(cost[1], cost[2], size) for size, cost in costs.items() if cost]
        expected = min(reached)[2] if reached else None
        check.equal(adapters.run_fastest_batch_size(runs, target), expected, who="run_fastest_batch_size")


def test_runs_that_are_alike_go_to_the_smallest_batch(adapters, check, draw):
    log = run_logs.log_of([4.0, 2.0])
    runs = dict.fromkeys(run_logs.shuffled(draw, [16, 2, 128, 4]), log)
    check.equal(adapters.run_fastest_batch_size(runs, 2.5), 2, who="run_fastest_batch_size")
