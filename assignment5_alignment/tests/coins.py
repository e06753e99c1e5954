"""The policy with two answers, enumerated: every group of answers with its probability, and what an estimator makes of it."""

import math
from fractions import Fraction
from itertools import product


def groups(p, size):
    """(probability, answers) of all groups of `size` answers, 1 for the right one and 0 for the other."""
    for answers in product((0, 1), repeat=size):
        right = sum(answers)
        yield p**right * (1 - p) ** (size - right), answers


def variance(p, n, b):
    """Variance of the mean of (r − b)(y − p) over `n` answers, by the definition of a variance; exact, then rounded."""
    p, b = Fraction(p), Fraction(b)
    means = [(chance, sum((y - b) * (y - p) for y in answers) / n) for chance, answers in groups(p, n)]
    mean = sum(chance * value for chance, value in means)
    return float(sum(chance * (value - mean) ** 2 for chance, value in means))


def estimate(kind, answers, p):
    """What the estimator `kind` says after one group of answers."""
    size = len(answers)
    mean = sum(answers) / size
    if kind == "rft":
        return sum(y * (y - p) for y in answers) / size
    if kind == "rft_kept":
        kept = [y - p for y in answers if y == 1]
        return sum(kept) / len(kept) if kept else 0.0
    return (
        sum(advantage * (y - p) for advantage, y in zip(advantages(kind, answers, mean), answers, strict=True)) / size
    )


def advantages(kind, answers, mean):
    """Those of one group; zero where all answers are alike."""
    if len(set(answers)) == 1:
        return [0.0] * len(answers)
    if kind == "grpo":
        scale = math.sqrt(sum((y - mean) ** 2 for y in answers) / (len(answers) - 1))
    else:
        scale = {"drgrpo": 1.0, "maxrl": mean}[kind]
    return [(y - mean) / scale for y in answers]


def expectation(kind, p, size):
    """The expectation over all groups, one group at a time."""
    return math.fsum(chance * estimate(kind, answers, p) for chance, answers in groups(p, size))


def expectation_by_counts(kind, p, size):
    """The same, of groups too large to be enumerated: all those with equally many right answers at once."""
    return math.fsum(
        math.comb(size, right) * p**right * (1 - p) ** (size - right) * _estimate_of_counts(kind, right, size, p)
        for right in range(size + 1)
    )


def _estimate_of_counts(kind, right, size, p):
    wrong, mean = size - right, right / size
    if kind == "rft":
        return mean * (1 - p)
    if kind == "rft_kept":
        return 1 - p if right else 0.0
    if not right or not wrong:
        return 0.0
    scale = {"drgrpo": 1.0, "maxrl": mean, "grpo": math.sqrt(right * wrong / size / (size - 1))}[kind]
    return (right * (1 - mean) * (1 - p) + wrong * (0 - mean) * (0 - p)) / size / scale
