"""Benchmarking: random numbers of steps, work that outlasts its call, and timings far apart."""

import math

import pytest


@pytest.mark.parametrize("number", range(3))
def test_random_machines(drivers, check, draw, number):
    warmup, steps = draw.integer(0, 7), draw.integer(2, 9)
    launches = [draw.integer(1, 9) / 4096 for _ in range(warmup + steps)]
    works = [draw.integer(1, 10**6) / 4096 for _ in range(warmup + steps)]
    timings, log = drivers.benchmark_on_a_pretend_machine(warmup, steps, launches, works, queues=True)
    expected = [launch + work for launch, work in zip(launches, works, strict=True)][warmup:]
    check.equal(
        [round(4096 * each) for each in timings], [round(4096 * each) for each in expected], who="run_benchmark"
    )
    check.equal(
        [name for name in log if name != "clock"], ["fn", "sync"] * (warmup + steps),
        who="run_benchmark, as calls of fn and sync in order,",
    )  # fmt: skip


def test_a_slow_warm_up_leaves_no_trace(drivers, check):
    timings, _ = drivers.benchmark_on_a_pretend_machine(2, 3, [0.25] * 5, [512.0, 256.0, 0.5, 0.25, 0.5], queues=True)
    check.equal(timings, [0.75, 0.5, 0.75], who="run_benchmark")


def test_timings_of_very_different_size(adapters, check, draw):
    timings = [10.0 ** draw.number(-6, 2) for _ in range(7)]
    found = adapters.run_summarise_timings(timings)
    mean = math.fsum(timings) / 7
    deviation = math.sqrt(math.fsum((timing - mean) ** 2 for timing in timings) / 6)
    check.close(found["mean"], mean, rtol=1e-9, who="run_summarise_timings for the mean")
    check.close(found["std"], deviation, rtol=1e-9, who="run_summarise_timings for std")
