"""Losses whose gradient is a policy gradient: what each token contributes, and how tokens make one number.

A loss is the negative of what is to grow, because optimizers descend. Its value says little, its gradient is what
counts: advantages and old log-probabilities are constants in it.
"""

from typing import Any

import torch
from torch import Tensor

from assignment5_alignment.masking import masked_mean, masked_normalize

METHODS = ("none", "noclip", "grpo", "gspo")


def compute_naive_policy_gradient_loss(raw_rewards_or_advantages: Tensor, policy_log_probs: Tensor) -> Tensor:
    """REINFORCE: -A · log π of each token.

    Args:
        raw_rewards_or_advantages: (batch, 1), one number a response, for all its tokens.
        policy_log_probs: (batch, sequence).

    Returns:
        (batch, sequence).
    """
    return -raw_rewards_or_advantages * policy_log_probs


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
    return clipped_loss(advantages, policy_log_probs - old_log_probs.detach(), cliprange)


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
    if importance_reweighting_method not in METHODS:
        raise ValueError(f"the method is {importance_reweighting_method!r}; expected one of {', '.join(METHODS)}")
    advantages = raw_rewards_or_advantages.reshape(-1, 1)
    if importance_reweighting_method == "none":
        return compute_naive_policy_gradient_loss(advantages, policy_log_probs), {}
    if old_log_probs is None:
        raise ValueError(f"{importance_reweighting_method!r} needs old_log_probs")
    mask = torch.ones_like(policy_log_probs) if response_mask is None else response_mask
    log_ratios = (policy_log_probs - old_log_probs.detach()).masked_fill(~mask.bool(), 0.0)
    if importance_reweighting_method == "noclip":
        return -advantages * log_ratios.exp(), {}
    if cliprange is None:
        raise ValueError(f"{importance_reweighting_method!r} needs a cliprange")
    if importance_reweighting_method == "gspo":
        log_ratios = masked_mean(log_ratios, mask, dim=1).unsqueeze(1).expand_as(log_ratios)
    return clipped_loss(advantages, log_ratios, cliprange)


def clipped_loss(advantages: Tensor, log_ratios: Tensor, cliprange: float) -> tuple[Tensor, dict[str, Tensor]]:
    """-min(r A, clip(r, 1 - ε, 1 + ε) A) for ratios given by their logarithms, and where it was clipped."""
    ratios = log_ratios.detach().exp()
    too_large = (advantages > 0) & (ratios > 1 + cliprange)
    too_small = (advantages < 0) & (ratios < 1 - cliprange)
    clipped = too_large | too_small
    # What is clipped has no part in the exponential: where that overflows, its gradient would be infinity times zero.
    kept = log_ratios.masked_fill(clipped, 0.0).exp()
    bound = 1 + cliprange * advantages.sign()
    return -advantages * torch.where(clipped, bound, kept), {"clipped": clipped}


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
    if loss_normalization == "sequence":
        return masked_mean(per_token_policy_gradient_loss, mask, dim=1).mean()
    if loss_normalization != "constant":
        raise ValueError(f"loss_normalization is {loss_normalization!r}; expected 'sequence' or 'constant'")
    if normalization_constant is None:
        raise ValueError("loss_normalization 'constant' needs a normalization_constant")
    return masked_normalize(per_token_policy_gradient_loss, mask, normalize_constant=normalization_constant)
