"""The learning rate on the mean square of some weights: the loss after some steps, and what becomes of it."""

import math

import pytest

RATIO, CLASSIFY = "run_toy_sgd_loss_ratio", "run_classify_learning_rate"


def loss_ratio(learning_rate, num_steps, num_weights):
    """One weight that starts at 1, step by step."""
    weight = 1.0
    for step in range(num_steps):
        gradient = 2 * weight / num_weights
        weight -= learning_rate / math.sqrt(step + 1) * gradient
    return weight**2


def well_conditioned(learning_rate, num_steps, num_weights):
    """Whether no step cancels so many digits that two right programs could differ."""
    return all(abs(1 - 2 * learning_rate / num_weights / math.sqrt(step + 1)) > 1e-3 for step in range(num_steps))


@pytest.mark.parametrize(
    ("learning_rate", "digits", "ratio"),
    [(1.0, 3, 0.817), (10.0, 3, 0.118), (1000.0, -16, 2.63e18)],
)
def test_ratios_of_the_table(adapters, check, learning_rate, digits, ratio):
    found = adapters.run_toy_sgd_loss_ratio(learning_rate, 10, 100)
    check.that(
        round(found, digits) == ratio,
        f"{RATIO} returned {found:.4g} for the learning rate {learning_rate:g} after 10 steps; expected the table's",
    )


@pytest.mark.parametrize(("num_steps", "ratio"), [(1, 1.0), (2, 0.172), (3, 0.00411)])
def test_a_rate_of_100_turns_the_weights_round_and_then_shrinks_them(adapters, check, num_steps, ratio):
    found = adapters.run_toy_sgd_loss_ratio(100.0, num_steps, 100)
    check.that(
        abs(found - ratio) <= 0.003 * ratio,
        f"{RATIO} returned {found:.4g} for the learning rate 100 after {num_steps} steps; expected the table's",
    )


@pytest.mark.parametrize("num_steps", [4, 5, 30])
def test_a_step_that_hits_the_minimum_leaves_no_loss(adapters, check, num_steps):
    found = adapters.run_toy_sgd_loss_ratio(100.0, num_steps, 100)
    check.that(
        0 <= found <= 1e-25,
        f"{RATIO} returned {found:.4g} for the learning rate 100 after {num_steps} steps; expected 0",
    )


@pytest.mark.parametrize("learning_rate", [0.3, 50.0, 1e4])
def test_without_a_step_the_loss_is_what_it_was(adapters, check, learning_rate):
    check.close(adapters.run_toy_sgd_loss_ratio(learning_rate, 0, 10), 1.0, rtol=1e-9, who=RATIO)


def test_a_rate_of_zero_changes_nothing(adapters, check):
    check.close(adapters.run_toy_sgd_loss_ratio(0.0, 7, 10), 1.0, rtol=1e-9, who=RATIO)


def test_ratios_of_random_rates_and_sizes(adapters, check, draw):
    tried = 0
    while tried < 12:
        num_weights, num_steps = draw.integer(1, 300), draw.integer(1, 40)
        learning_rate = num_weights * draw.number(0.01, 3)
        if well_conditioned(learning_rate, num_steps, num_weights):
            found = adapters.run_toy_sgd_loss_ratio(learning_rate, num_steps, num_weights)
            expected = loss_ratio(learning_rate, num_steps, num_weights)
            check.close(found, expected, rtol=1e-9, who=RATIO)
            tried += 1


@pytest.mark.parametrize(
    ("learning_rate", "word"), [(0.1, "slower"), (10.0, "faster"), (100.0, "faster"), (1000.0, "diverges")]
)
def test_ten_steps_against_a_rate_of_one(adapters, check, learning_rate, word):
    check.equal(adapters.run_classify_learning_rate(learning_rate, 1.0, 10, 100), word, who=CLASSIFY)


def test_a_loss_that_rises_first_need_not_diverge(adapters, check):
    check.equal(adapters.run_classify_learning_rate(150.0, 1.0, 1, 100), "diverges", who=CLASSIFY)
    check.equal(adapters.run_classify_learning_rate(150.0, 1.0, 10, 100), "faster", who=CLASSIFY)


def test_a_rate_beyond_the_best_is_slower_again(adapters, check):
    check.equal(adapters.run_classify_learning_rate(90.0, 50.0, 1, 100), "slower", who=CLASSIFY)


def test_a_rate_that_diverges_is_not_faster_than_one_that_diverges_more(adapters, check):
    check.equal(adapters.run_classify_learning_rate(1000.0, 2000.0, 10, 100), "diverges", who=CLASSIFY)


def test_random_rates_against_random_baselines(adapters, check, draw):
    seen = []
    while len(seen) < 12:
        num_weights, num_steps = draw.integer(2, 300), draw.integer(1, 15)
        rate, baseline = (num_weights * 10 ** draw.number(-2, 1) for _ in range(2))
        ratio, other = (loss_ratio(each, num_steps, num_weights) for each in (rate, baseline))
        if abs(ratio - other) > 1e-6 * other and abs(ratio - 1) > 1e-6:
            word = "diverges" if ratio > 1 else "faster" if ratio < other else "slower"
            found = adapters.run_classify_learning_rate(rate, baseline, num_steps, num_weights)
            check.equal(found, word, who=CLASSIFY)
            seen.append(word)
