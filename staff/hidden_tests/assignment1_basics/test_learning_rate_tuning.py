"""The toy loss at other rates, sizes and numbers of steps."""

import math

RATIO, CLASSIFY = "run_toy_sgd_loss_ratio", "run_classify_learning_rate"


def loss_ratio(learning_rate, num_steps, num_weights):
    factors = [1 - 2 * learning_rate / (num_weights * math.sqrt(step)) for step in range(1, num_steps + 1)]
    return math.prod(factor * factor for factor in factors)


def test_small_rates_never_cancel(adapters, check, draw):
    for _ in range(10):
        num_weights, num_steps = draw.integer(1, 10_000), draw.integer(1, 200)
        learning_rate = num_weights * draw.number(1e-5, 0.45)
        found = adapters.run_toy_sgd_loss_ratio(learning_rate, num_steps, num_weights)
        check.close(found, loss_ratio(learning_rate, num_steps, num_weights), rtol=1e-9, who=RATIO)


def test_rates_that_overshoot_in_every_step(adapters, check, draw):
    for _ in range(10):
        num_weights, num_steps = draw.integer(1, 1000), draw.integer(1, 12)
        learning_rate = num_weights * math.sqrt(num_steps) * draw.number(0.6, 30)
        found = adapters.run_toy_sgd_loss_ratio(learning_rate, num_steps, num_weights)
        check.close(found, loss_ratio(learning_rate, num_steps, num_weights), rtol=1e-9, who=RATIO)


def test_only_the_rate_per_weight_matters(adapters, check, draw):
    for _ in range(5):
        rate, times = draw.number(0.1, 0.4), draw.integer(2, 50)
        found = adapters.run_toy_sgd_loss_ratio(rate * times, 9, times)
        check.close(found, loss_ratio(rate, 9, 1), rtol=1e-9, who=RATIO)


def test_words_for_other_sizes(adapters, check, draw):
    for num_weights in (1, 7, draw.integer(10, 5000)):
        baseline = 0.1 * num_weights
        for factor, word in ((0.01, "slower"), (0.3, "faster"), (100, "diverges")):
            found = adapters.run_classify_learning_rate(factor * num_weights, baseline, 6, num_weights)
            check.equal(found, word, who=CLASSIFY)


def test_more_steps_change_the_word(adapters, check):
    # The first steps overshoot by more than they gain; later, smaller ones make up for it.
    for num_steps, word in ((1, "diverges"), (3, "diverges"), (20, "faster")):
        found = adapters.run_classify_learning_rate(1.5, 1e-3, num_steps, 1)
        check.equal(found, word, who=CLASSIFY)
