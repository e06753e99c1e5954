"""Gradient descent with a falling learning rate on the mean square of n weights, in closed form."""

import math


def toy_sgd_loss_ratio(learning_rate: float, num_steps: int, num_weights: int) -> float:
    """The loss after num_steps steps over the loss before the first.

    The gradient is 2 w / n, so a step multiplies every weight by the same factor, whatever its value.
    """
    rates = (learning_rate / math.sqrt(step + 1) for step in range(num_steps))
    return math.prod((1 - rate * 2 / num_weights) ** 2 for rate in rates)


def classify_learning_rate(learning_rate: float, baseline: float, num_steps: int, num_weights: int) -> str:
    """Whether a learning rate "diverges", or is "faster" or "slower" than the baseline."""
    ratio = toy_sgd_loss_ratio(learning_rate, num_steps, num_weights)
    if ratio > 1:
        return "diverges"
    return "faster" if ratio < toy_sgd_loss_ratio(baseline, num_steps, num_weights) else "slower"
