"""Benchmarking: warm-up, waiting for queued work, each step by itself, and what timings say together."""

import math

import pytest

BENCHMARK, SUMMARY = "run_benchmark", "run_summarise_timings"


def durations(draw, count):
    """Multiples of 1/1024 of a second, which a clock in float64 shows exactly."""
    return [draw.integer(1, 2000) / 1024 for _ in range(count)]


@pytest.mark.parametrize(("warmup", "steps"), [(0, 1), (0, 4), (2, 3), (5, 1)])
def test_each_step_is_timed_with_the_work_it_has_queued(drivers, check, draw, warmup, steps):
    launches, works = durations(draw, warmup + steps), durations(draw, warmup + steps)
    timings, _ = drivers.benchmark_on_a_pretend_machine(warmup, steps, launches, works, queues=True)
    check.equal(len(timings), steps, who=f"{BENCHMARK}, as the number of its timings,", hint="the warm-up is not timed")
    for place in range(steps):
        expected = launches[warmup + place] + works[warmup + place]
        check.close(
            timings[place],
            expected,
            rtol=1e-9,
            who=f"{BENCHMARK} at step {place}",
            hint="a step's time is that of its call and of the work it has queued, until sync returns",
        )


@pytest.mark.parametrize(("warmup", "steps"), [(0, 3), (3, 0), (2, 4)])
def test_the_function_is_called_and_waited_for_in_every_step(drivers, check, draw, warmup, steps):
    calls = warmup + steps
    _, log = drivers.benchmark_on_a_pretend_machine(warmup, steps, durations(draw, calls), durations(draw, calls), True)
    made = [name for name in log if name != "clock"]
    check.equal(made.count("fn"), calls, who=f"{BENCHMARK}, as the number of calls of fn,")
    check.equal(
        made, ["fn", "sync"] * calls, who=f"{BENCHMARK}, as calls of fn and sync in order,",
        hint="sync is called once after each call of fn, in the warm-up, too",
    )  # fmt: skip


def test_the_clock_is_not_read_in_the_warm_up(drivers, check, draw):
    _, log = drivers.benchmark_on_a_pretend_machine(3, 2, durations(draw, 5), durations(draw, 5), True)
    check.that("clock" in log, f"{BENCHMARK} never read the clock it was given; expected its timings to come from it")
    check.equal(log[:6], ["fn", "sync"] * 3, who=f"{BENCHMARK}, as the first six calls of a warm-up of 3,")


def test_a_machine_that_queues_nothing_needs_no_sync(drivers, check, draw):
    launches, works = durations(draw, 5), durations(draw, 5)
    timings, log = drivers.benchmark_on_a_pretend_machine(2, 3, launches, works, queues=False)
    expected = [launch + work for launch, work in zip(launches, works, strict=True)][2:]
    check.equal(log.count("fn"), 5, who=f"{BENCHMARK} without sync, as the number of calls of fn,")
    check.equal([round(timing * 1024) for timing in timings], [round(1024 * each) for each in expected], who=BENCHMARK)


def test_the_default_clock_counts_seconds(drivers, check):
    asked = [0.002, 0.03]
    timings = drivers.benchmark_by_the_default_clock(1, asked)
    check.equal(len(timings), 2, who=f"{BENCHMARK}, as the number of its timings,")
    for seconds, timing in zip(asked, timings, strict=True):
        check.that(timing >= 0.9 * seconds, f"{BENCHMARK} by its default clock took less than fn had slept")
        check.that(timing < 10, f"{BENCHMARK} by its default clock took over 10 s for a nap; expected seconds")


def test_mean_and_sample_deviation(adapters, check, draw):
    for count in (2, 3, 10):
        timings = [draw.number(0.1, 5.0) for _ in range(count)]
        found = adapters.run_summarise_timings(timings)
        check.equal(sorted(found), ["mean", "std"], who=f"{SUMMARY}, as its keys,")
        mean = math.fsum(timings) / count
        check.close(found["mean"], mean, rtol=1e-9, who=f"{SUMMARY} for the mean")
        squares = math.fsum((timing - mean) ** 2 for timing in timings)
        check.close(
            found["std"], math.sqrt(squares / (count - 1)), rtol=1e-9, who=f"{SUMMARY} for std",
            hint="the sample standard deviation divides by one less than there are timings",
        )  # fmt: skip


def test_a_single_timing_has_no_deviation(adapters, check, draw):
    timing = draw.number(0.1, 5.0)
    found = adapters.run_summarise_timings([timing])
    check.close(found["mean"], timing, rtol=1e-12, who=f"{SUMMARY} for the mean")
    check.that(math.isnan(found["std"]), f"{SUMMARY} of one timing returned a number for std; expected NaN")


def test_equal_timings_have_no_spread(adapters, check):
    found = adapters.run_summarise_timings([0.5] * 6)
    check.equal(found, {"mean": 0.5, "std": 0.0}, who=SUMMARY)
