"""Losses whose gradient is a policy gradient: what each token contributes, and how tokens make one number.

A loss is the negative of what is to grow, because optimizers descend. Its value says little, its gradient is what
counts: advantages and old log-probabilities are constants in it.
"""

from typing import Any

from torch import Tensor


def compute_naive_policy_gradient_loss(raw_rewards_or_advantages: Tensor, policy_log_probs: Tensor) -> Tensor:
    """REINFORCE: -A · log π of each token.

    Args:
        raw_rewards_or_advantages: (batch, 1), one number a response, for all its tokens.
        policy_log_probs: (batch, sequence).

    Returns:
        (batch, sequence).
    """
    raise NotImplementedError(
        "compute_naive_policy_gradient_loss: write compute_naive_policy_gradient_loss in assignment5_alignment/policy_gradient.py"
    )


def compute_grpo_clip_loss(
    advantages: Tensor, policy_log_probs: Tensor, old_log_probs: Tensor, cliprange: float
) -> tuple[Tensor, dict[str, Tensor]]:
    """The clipped loss of PPO and GRPO: -min(r A, clip(r, 1 - ε, 1 + ε) A) of each token, with r = π / π_old.

    Args:
        advantages: (batch, 1).
        policy_log_probs: (batch, sequence); the gradient flows through these alone.
        old_log_probs: (batch, sequence), of the policy that the tokens were sampled from.
        cliprange: ε.

    Returns:
        The loss (batch, sequence), and {"clipped": where clipping took the gradient away, bool (batch, sequence)}.
    """
    raise NotImplementedError(
        "compute_grpo_clip_loss: write compute_grpo_clip_loss in assignment5_alignment/policy_gradient.py"
    )


def compute_policy_gradient_loss(
    raw_rewards_or_advantages: Tensor,
    policy_log_probs: Tensor,
    importance_reweighting_method: str = "none",
    old_log_probs: Tensor | None = None,
    cliprange: float | None = None,
    response_mask: Tensor | None = None,
) -> tuple[Tensor, dict[str, Any]]:
    """The loss of each token, for samples of the policy itself ("none") or of an older one.

    Args:
        raw_rewards_or_advantages: (batch,) or (batch, 1).
        policy_log_probs: (batch, sequence).
        importance_reweighting_method: "none": -A log π. "noclip": -r A. "grpo": the clipped loss of each token.
            "gspo": the clipped loss of a ratio that a whole response shares, the geometric mean of its tokens' ratios.
        old_log_probs: (batch, sequence); needed by all but "none".
        cliprange: ε; needed by "grpo" and "gspo".
        response_mask: (batch, sequence); what is outside counts nowhere, and its loss may be anything. Without one
            all tokens are of the response.

    Returns:
        The loss (batch, sequence), and for "grpo" and "gspo" {"clipped": bool (batch, sequence)}.

    Raises:
        ValueError: an unknown method, or an argument that the method needs is missing.
    """
    raise NotImplementedError(
        "compute_policy_gradient_loss: write compute_policy_gradient_loss in assignment5_alignment/policy_gradient.py"
    )


def aggregate_loss_across_microbatch(
    per_token_policy_gradient_loss: Tensor,
    mask: Tensor,
    loss_normalization: str = "sequence",
    normalization_constant: int | None = None,
) -> Tensor:
    """One number of the losses of all tokens that `mask` selects.

    Args:
        per_token_policy_gradient_loss: (batch, sequence).
        mask: (batch, sequence).
        loss_normalization: "sequence": the mean of each sequence, and of these the mean; one that has no token counts
            as 0. "constant": the sum of all tokens, divided by a constant.
        normalization_constant: for "constant".

    Raises:
        ValueError: an unknown normalisation, or the constant is missing.
    """
    raise NotImplementedError(
        "aggregate_loss_across_microbatch: write aggregate_loss_across_microbatch in assignment5_alignment/policy_gradient.py"
    )
