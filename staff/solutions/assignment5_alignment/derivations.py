"""What one derives on paper, as functions that can be held against enumeration.

Everywhere here `p` is the probability of the right answer of a policy with two answers, and gradients are by its logit θ:
p = σ(θ), dp/dθ = p(1 − p), d log π(y)/dθ = y − p for the answers y = 1 (right, reward 1) and y = 0 (reward 0).
"""

import math
from itertools import combinations
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor


def var_reinforce(p: float, n: int) -> float:
    """Variance of the mean over `n` independent answers of r(y) · d log π(y)/dθ: p(1 − p)³/n.

    One term is 1 − p with probability p, and 0 otherwise: a coin's variance p(1 − p), times the square of what it pays.
    """
    return var_baseline(p, n, 0.0)


def var_baseline(p: float, n: int, b: float) -> float:
    """Variance of the mean over `n` independent answers of (r(y) − b) · d log π(y)/dθ: p(1 − p)(1 − p − b)²/n.

    One term is (1 − b)(1 − p) for the right answer and bp for the wrong one; the two are 1 − p − b apart.
    """
    return p * (1 - p) * (1 - p - b) ** 2 / n


def optimal_baseline(p: float) -> float:
    """1 − p, the probability of the *other* answer, at which nothing varies; not the mean reward, which is p."""
    return 1 - p


def baseline_lower(p: float) -> bool:
    """(1 − 2p)² < (1 − p)², so p < 2/3: beyond, the mean reward lies on the far side of the optimum."""
    return p < 2 / 3


def length_norm_gradients(
    mask: Float[Tensor, "batch tokens"],
    advantages: Float[Tensor, "batch"],
    mode: Literal["sequence", "constant", "token"],
) -> Float[Tensor, "batch tokens"]:
    """The gradient, at each token's log-probability, of the averaged objective of all tokens that `mask` keeps.

    Raises:
        ValueError: `mode` is none of the three.
    """
    kept = mask.to(advantages.dtype)
    batch, width = kept.shape
    if mode == "sequence":
        weights = kept / kept.sum(dim=1, keepdim=True).clamp(min=1) / batch
    elif mode == "constant":
        weights = kept / width / batch
    elif mode == "token":
        weights = kept / kept.sum().clamp(min=1)
    else:
        raise ValueError(f"mode is {mode!r}; expected 'sequence', 'constant' or 'token'")
    return weights * advantages[:, None]


def difficulty_weight(kind: Literal["drgrpo", "grpo", "maxrl"], eta: float) -> float:
    """w(η) such that the expected gradient of one question is w(η) · dη/dθ, in the limit of large groups.

    In that limit a group's mean reward is η and its standard deviation √(η(1 − η)), whatever was sampled; each divides
    a gradient that is dη/dθ without it.

    Raises:
        ValueError: `kind` is none of the three, or `eta` is not between 0 and 1.
    """
    if not 0 < eta < 1:
        raise ValueError(f"eta is {eta}; expected a probability above 0 and below 1")
    if kind == "drgrpo":
        return 1.0
    if kind == "grpo":
        return 1 / math.sqrt(eta * (1 - eta))
    if kind == "maxrl":
        return 1 / eta
    raise ValueError(f"kind is {kind!r}; expected 'drgrpo', 'grpo' or 'maxrl'")


def expected_gradient(kind: Literal["rft", "rft_kept", "drgrpo", "grpo", "maxrl"], p: float, group_size: int) -> float:
    """The expectation of an estimator of the gradient by θ, over all groups of `group_size` independent answers.

    An estimator depends on the group through the number of right answers alone, and advantages that add up to zero
    leave Σ A y of Σ A (y − p).

    Raises:
        ValueError: `kind` is none of the five.
    """
    none_right = (1 - p) ** group_size
    if kind == "rft":
        return p * (1 - p)
    if kind == "rft_kept":
        return (1 - p) * (1 - none_right)
    if kind == "drgrpo":
        return (1 - 1 / group_size) * p * (1 - p)
    if kind == "maxrl":
        return 1 - p - none_right
    if kind == "grpo":
        return math.fsum(
            math.comb(group_size, right) * p**right * (1 - p) ** (group_size - right) * _standardised(right, group_size)
            for right in range(1, group_size)
        )
    raise ValueError(f"kind is {kind!r}; expected 'rft', 'rft_kept', 'drgrpo', 'grpo' or 'maxrl'")


def _standardised(right: int, group_size: int) -> float:
    """(1/G) Σ A y with A = (y − mean)/s: (G − 1)/G · s, where s² = K(G − K)/(G(G − 1)) is the sample variance."""
    return math.sqrt(right * (group_size - right) * (group_size - 1) / group_size**3)


def surrogate_value(
    pi: list[Float[Tensor, "..."]], pi0: list[Float[Tensor, "..."]], rewards: Float[Tensor, "..."], k: int
) -> Float[Tensor, ""]:
    """The sum, over all sets of `k` positions, of the expected reward of texts that follow `pi` there and `pi0` elsewhere.

    Raises:
        ValueError: `k` is not from 1 to the number of positions.
    """
    length = len(pi)
    if not 1 <= k <= length:
        raise ValueError(f"k is {k}; expected 1 to {length}, the number of positions")
    values = []
    for chosen in combinations(range(length), k):
        expected = rewards
        for place in reversed(range(length)):  # from the last token on: the expectation given all tokens before
            table = pi[place] if place in chosen else pi0[place]
            expected = (table * expected).sum(dim=-1)
        values.append(expected)
    return torch.stack(values).sum()
