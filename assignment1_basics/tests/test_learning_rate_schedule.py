"""The learning-rate schedule: linear warm-up, half a cosine, and a floor."""

import itertools
import math

import pytest

WHO = "run_get_lr_cosine_schedule"

# (max_learning_rate, min_learning_rate, warmup_iters, cosine_cycle_iters)
SCHEDULES = {
    "usual": (1e-3, 1e-4, 10, 50),
    "no_warmup": (0.3, 0.05, 0, 20),
    "down_to_zero": (1.0, 0.0, 7, 21),
    "small_difference": (2e-4, 1.5e-4, 3, 30),
    "long_warmup": (5.0, 0.5, 40, 43),
    "one_step_of_warmup": (6e-4, 6e-5, 1, 12),
    "one_step_of_cosine": (1e-2, 1e-3, 5, 6),
}


def rate(it, largest, smallest, warmup, cycle):
    """The definition, for cycle > warmup."""
    if it < warmup:
        return it / warmup * largest
    if it > cycle:
        return smallest
    return smallest + (1 + math.cos((it - warmup) / (cycle - warmup) * math.pi)) * (largest - smallest) / 2


def check_rate(adapters, check, it, schedule, expected=None):
    """The rate is right to 1e-9 of the largest: where it should be 0 it may differ by a rounding error."""
    largest, smallest, warmup, cycle = schedule
    found = adapters.run_get_lr_cosine_schedule(
        it=it,
        max_learning_rate=largest,
        min_learning_rate=smallest,
        warmup_iters=warmup,
        cosine_cycle_iters=cycle,
    )
    expected = rate(it, *schedule) if expected is None else expected
    check.that(abs(found) < 1e9, f"{WHO} returned a number that is beyond 1e9 or none; expected a learning rate")
    check.that(
        abs(found - expected) <= 1e-9 * max(largest, smallest),
        f"{WHO} returned {found:.6g} at it={it}, with max={largest}, min={smallest}, warmup_iters={warmup}, "
        f"cosine_cycle_iters={cycle}; expected another rate",
    )
    return found


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_iteration_has_the_rate_of_the_definition(adapters, check, name):
    for it in range(SCHEDULES[name][3] + 5):
        check_rate(adapters, check, it, SCHEDULES[name])


def test_random_schedules(adapters, check, draw):
    for _ in range(10):
        smallest = draw.number(0, 0.1)
        warmup = draw.integer(1, 30)
        schedule = (smallest + draw.number(0.01, 1), smallest, warmup, warmup + draw.integer(1, 90))
        for _ in range(8):
            check_rate(adapters, check, draw.integer(0, schedule[3] + 10), schedule)


def test_warm_up_starts_from_zero(adapters, check):
    check_rate(adapters, check, 0, (1e-3, 5e-4, 20, 100), 0.0)


def test_the_minimum_is_no_floor_for_the_warm_up(adapters, check):
    check_rate(adapters, check, 1, (1e-3, 9e-4, 20, 100), 5e-5)


def test_the_largest_rate_comes_right_after_the_warm_up(adapters, check, draw):
    largest = draw.number(0.1, 1)
    check_rate(adapters, check, 8, (largest, 0.01, 8, 30), largest)


def test_without_a_warm_up_the_first_rate_is_the_largest(adapters, check, draw):
    largest = draw.number(0.1, 1)
    check_rate(adapters, check, 0, (largest, 0.01, 0, 30), largest)


@pytest.mark.parametrize("beyond", [0, 1, 2, 1000, 10**9])
def test_the_minimum_stays_from_the_end_of_the_cosine_on(adapters, check, draw, beyond):
    smallest = draw.number(0.001, 0.01)
    check_rate(adapters, check, 30 + beyond, (0.1, smallest, 5, 30), smallest)


def test_half_way_down_is_the_mean(adapters, check, draw):
    largest, smallest = draw.number(0.5, 1), draw.number(0.1, 0.2)
    check_rate(adapters, check, 30, (largest, smallest, 10, 50), (largest + smallest) / 2)


def test_the_rate_never_rises_after_the_warm_up(adapters, check):
    rates = [check_rate(adapters, check, it, (1.0, 0.1, 5, 40)) for it in range(5, 60)]
    check.that(
        all(later <= sooner for sooner, later in itertools.pairwise(rates)),
        f"{WHO}: the rate rises after the warm-up; expected it to fall, then to stay",
    )


@pytest.mark.parametrize("it", [0, 1, 9, 11, 12, 1000])
def test_a_cosine_of_no_length_is_no_error(adapters, check, it):
    # At it = 10 itself the definition says 0 / 0: any answer, or none, is accepted there.
    expected = it / 10 * 0.5 if it < 10 else 0.1
    check_rate(adapters, check, it, (0.5, 0.1, 10, 10), expected)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("it", [0.5, 2.0, 7.25, 19.5, 30.5])
def test_iterations_may_be_fractions(adapters, check, it):
    check_rate(adapters, check, it, (0.3, 0.03, 7, 29))
