"""What one derives on paper, as functions that can be held against enumeration.

Everywhere here `p` is the probability of the right answer of a policy with two answers, and gradients are by its logit θ:
p = σ(θ), dp/dθ = p(1 − p), d log π(y)/dθ = y − p for the answers y = 1 (right, reward 1) and y = 0 (reward 0).
"""

from typing import Literal

from jaxtyping import Float
from torch import Tensor


def var_reinforce(p: float, n: int) -> float:
    """Variance of the mean over `n` independent answers of r(y) · d log π(y)/dθ."""
    raise NotImplementedError("baseline_calcs: write var_reinforce in assignment5_alignment/derivations.py")


def var_baseline(p: float, n: int, b: float) -> float:
    """Variance of the mean over `n` independent answers of (r(y) − b) · d log π(y)/dθ, for a constant `b`."""
    raise NotImplementedError("baseline_calcs: write var_baseline in assignment5_alignment/derivations.py")


def optimal_baseline(p: float) -> float:
    """The constant baseline with the least variance."""
    raise NotImplementedError("baseline_calcs: write optimal_baseline in assignment5_alignment/derivations.py")


def baseline_lower(p: float) -> bool:
    """Whether the mean reward as a baseline has a strictly lower variance than no baseline; 0 < p < 1."""
    raise NotImplementedError("baseline_calcs: write baseline_lower in assignment5_alignment/derivations.py")


def length_norm_gradients(
    mask: Float[Tensor, "batch tokens"],
    advantages: Float[Tensor, "batch"],
    mode: Literal["sequence", "constant", "token"],
) -> Float[Tensor, "batch tokens"]:
    """The gradient, at each token's log-probability, of the averaged objective of all tokens that `mask` keeps.

    The objective of a token is its sequence's advantage times its log-probability. "sequence" takes the mean over each
    sequence's own tokens, then over the batch; "constant" the sum over them divided by the width of the mask, then the
    mean over the batch; "token" one mean over all tokens of the batch. A sequence without a token has gradient zero, and
    counts in the mean over the batch. The dtype is that of `advantages`.

    Raises:
        ValueError: `mode` is none of the three.
    """
    raise NotImplementedError(
        "think_about_length_normalization: write length_norm_gradients in assignment5_alignment/derivations.py"
    )


def difficulty_weight(kind: Literal["drgrpo", "grpo", "maxrl"], eta: float) -> float:
    """w(η) such that the expected gradient of one question is w(η) · dη/dθ, in the limit of large groups.

    η is the probability that the question is answered rightly, 0 < η < 1; its rewards are 0 and 1.

    Raises:
        ValueError: `kind` is none of the three, or `eta` is not between 0 and 1.
    """
    raise NotImplementedError(
        "derive_difficulty_reweightings: write difficulty_weight in assignment5_alignment/derivations.py"
    )


def expected_gradient(kind: Literal["rft", "rft_kept", "drgrpo", "grpo", "maxrl"], p: float, group_size: int) -> float:
    """The expectation of an estimator of the gradient by θ, over all groups of `group_size` independent answers.

    Raises:
        ValueError: `kind` is none of the five.
    """
    raise NotImplementedError("think_about_rft: write expected_gradient in assignment5_alignment/derivations.py")


def surrogate_value(
    pi: list[Float[Tensor, "..."]], pi0: list[Float[Tensor, "..."]], rewards: Float[Tensor, "..."], k: int
) -> Float[Tensor, ""]:
    """The sum, over all sets of `k` positions, of the expected reward of texts that follow `pi` there and `pi0` elsewhere.

    Texts have as many tokens as there are tables. `pi[t][y_0, …, y_t]` is the probability of the token y_t after
    y_0, …, y_(t−1), and `rewards[y_0, …]` the reward of a whole text. Gradients flow into `pi`.

    Raises:
        ValueError: `k` is not from 1 to the number of positions.
    """
    raise NotImplementedError(
        "derive_surrogate_objectives: write surrogate_value in assignment5_alignment/derivations.py"
    )
