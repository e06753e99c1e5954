"""The learning-rate schedule at random places of random schedules."""

import math

WHO = "run_get_lr_cosine_schedule"


def check_rate(adapters, check, it, schedule, expected):
    found = adapters.run_get_lr_cosine_schedule(it, *schedule)
    good = abs(found) < 1e9 and abs(found - expected) <= 1e-9 * schedule[0]
    check.that(good, f"{WHO} is wrong at it={it} of {schedule}")


def random_schedule(draw):
    smallest = draw.number(0, 0.3)
    warmup = draw.integer(2, 400)
    return smallest + draw.number(0.001, 2), smallest, warmup, warmup + draw.integer(2, 2000)


def test_warm_up_is_proportional_to_the_iteration(adapters, check, draw):
    for _ in range(10):
        schedule = random_schedule(draw)
        for it in (0, 1, draw.integer(0, schedule[2]), schedule[2] - 1):
            check_rate(adapters, check, it, schedule, schedule[0] * it / schedule[2])


def test_the_cosine_is_half_a_wave(adapters, check, draw):
    for _ in range(10):
        largest, smallest, warmup, cycle = schedule = random_schedule(draw)
        for it in (warmup, warmup + 1, draw.integer(warmup, cycle), cycle - 1, cycle):
            wave = math.cos(math.pi * (it - warmup) / (cycle - warmup))
            check_rate(adapters, check, it, schedule, smallest + (largest - smallest) * (1 + wave) / 2)


def test_the_floor_is_the_minimum(adapters, check, draw):
    for _ in range(10):
        schedule = random_schedule(draw)
        for it in (schedule[3] + 1, schedule[3] + draw.integer(2, 10_000), 2 * schedule[3] - schedule[2]):
            check_rate(adapters, check, it, schedule, schedule[1])


def test_no_warm_up_and_no_floor(adapters, check, draw):
    cycle = draw.integer(10, 40)
    for it in range(cycle + 3):
        expected = 0.25 * (1 + math.cos(math.pi * min(it, cycle) / cycle))
        check_rate(adapters, check, it, (0.5, 0.0, 0, cycle), expected)


def test_neither_warm_up_nor_cosine(adapters, check, draw):
    for it in (1, draw.integer(2, 1000)):
        check_rate(adapters, check, it, (0.5, 0.125, 0, 0), 0.125)
