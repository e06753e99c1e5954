"""Steps of training: a microbatch's backward pass, and a whole update of a policy from its rollouts.

A batch that does not fit into memory goes through the model in microbatches. Their gradients add up in `.grad`, so each
loss is scaled to the microbatch's share of the loss of the batch.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from assignment5_alignment.log_probs import get_response_log_probs
from assignment5_alignment.masking import masked_normalize
from assignment5_alignment.policy_gradient import aggregate_loss_across_microbatch, compute_policy_gradient_loss
from assignment5_alignment.rewards_of_groups import compute_group_normalized_rewards, compute_rollout_rewards
from assignment5_alignment.tokenization import tokenize_prompt_and_output

METHODS = {"no_baseline": "none", "reinforce_with_baseline": "none", "grpo_clip": "grpo", "grpo_no_clip": "noclip"}


def sft_microbatch_train_step(
    policy_log_probs: Tensor,
    response_mask: Tensor,
    gradient_accumulation_steps: int,
    normalize_constant: float = 1.0,
) -> tuple[Tensor, dict[str, Any]]:
    """One backward pass of supervised fine-tuning.

    The loss is the negative log-likelihood of each sequence's response tokens, divided by `normalize_constant`, as a
    mean over the sequences of the microbatch, divided by `gradient_accumulation_steps`.

    Args:
        policy_log_probs: (batch, sequence).
        response_mask: (batch, sequence).
        gradient_accumulation_steps: microbatches of one update.
        normalize_constant: what the sum over a sequence is divided by.

    Returns:
        The loss that was differentiated, a number without a graph, and statistics to log.
    """
    likelihoods = masked_normalize(policy_log_probs, response_mask, -1, normalize_constant)
    loss = -likelihoods.mean() / gradient_accumulation_steps
    loss.backward()
    return loss.detach(), {}


def grpo_microbatch_train_step(
    policy_log_probs: Tensor,
    response_mask: Tensor,
    gradient_accumulation_steps: int,
    loss_type: str,
    raw_rewards: Tensor | None = None,
    advantages: Tensor | None = None,
    old_log_probs: Tensor | None = None,
    cliprange: float | None = None,
) -> tuple[Tensor, dict[str, Any]]:
    """One backward pass of policy gradient.

    The loss is the mean of each sequence over its response tokens, of these the mean, divided by
    `gradient_accumulation_steps`.

    Args:
        policy_log_probs: (batch, sequence).
        response_mask: (batch, sequence).
        gradient_accumulation_steps: microbatches of one update.
        loss_type: "no_baseline" (needs `raw_rewards`), "reinforce_with_baseline" (needs `advantages`), "grpo_clip"
            (needs `advantages`, `old_log_probs` and `cliprange`), "grpo_no_clip" (needs the first two of these).
        raw_rewards: (batch, 1).
        advantages: (batch, 1).
        old_log_probs: (batch, sequence).
        cliprange: ε.

    Returns:
        The loss that was differentiated, a number without a graph, and what the loss of the tokens has to log.

    Raises:
        ValueError: an unknown loss, or an argument that it needs is missing.
    """
    if loss_type not in METHODS:
        raise ValueError(f"loss_type is {loss_type!r}; expected one of {', '.join(METHODS)}")
    weights = raw_rewards if loss_type == "no_baseline" else advantages
    if weights is None:
        raise ValueError(f"{loss_type} needs {'raw_rewards' if loss_type == 'no_baseline' else 'advantages'}")
    per_token, metadata = compute_policy_gradient_loss(
        weights, policy_log_probs, METHODS[loss_type], old_log_probs, cliprange, response_mask
    )
    loss = aggregate_loss_across_microbatch(per_token, response_mask) / gradient_accumulation_steps
    loss.backward()
    return loss.detach(), metadata


def grpo_train_step(
    model: torch.nn.Module,
    tokenizer: Any,
    optimizer: torch.optim.Optimizer,
    gradient_accumulation_steps: int,
    max_grad_norm: float | None,
    reward_fn: Callable[[str, str], dict[str, float]],
    repeated_prompts: list[str],
    rollout_responses: list[str],
    repeated_ground_truths: list[str],
    group_size: int,
    baseline: str = "mean",
    advantage_eps: float = 1e-6,
    advantage_normalizer: str = "std",
    importance_reweighting_method: str = "none",
    old_log_probs: Tensor | None = None,
    cliprange: float | None = None,
    loss_normalization: str = "sequence",
    normalization_constant: int | None = None,
) -> tuple[Tensor, dict[str, Any]]:
    """One update of `model` from a batch of rollouts: rewards, advantages, losses by microbatch, one optimizer step.

    The update does not depend on the number of microbatches: it is that of the whole batch at once. Responses whose
    advantage is zero contribute nothing and do not go through the model.

    Args:
        model: a causal language model; its gradients are None or zero afterwards, its mode is what it was.
        tokenizer: of the model.
        optimizer: of the model's parameters.
        gradient_accumulation_steps: into how many microbatches the batch is split; each has
            `rollouts / gradient_accumulation_steps` rows at most.
        max_grad_norm: the norm that the gradient is clipped to; None: it is not.
        reward_fn: (response, ground truth) to {"reward", "format_reward", "answer_reward"}.
        repeated_prompts: one a rollout, group after group, as are the next two.
        rollout_responses: what the policy answered.
        repeated_ground_truths: what was right.
        group_size: rollouts of one question.
        baseline, advantage_eps, advantage_normalizer: of `compute_group_normalized_rewards`.
        importance_reweighting_method, cliprange: of `compute_policy_gradient_loss`.
        old_log_probs: (rollouts, sequence), in the places of the labels of the whole batch as
            `tokenize_prompt_and_output` makes them.
        loss_normalization, normalization_constant: of `aggregate_loss_across_microbatch`, for the whole batch.

    Returns:
        The loss of the batch, a number without a graph, and what there is to log: "grad_norm" before clipping,
        "token_entropy" as a mean over the response tokens that went through the model, "mean_reward",
        "mean_format_reward", "mean_answer_reward", and, for "grpo" and "gspo", "clip_fraction": the share of the
        batch's response tokens whose gradient was clipped away.

    Raises:
        ValueError: the rollouts do not make microbatches of one size, or an argument is missing or unknown.
    """
    rollouts = len(rollout_responses)
    if rollouts % gradient_accumulation_steps:
        raise ValueError(f"{rollouts} rollouts do not make {gradient_accumulation_steps} microbatches of one size")
    raw_rewards, metadata = compute_rollout_rewards(reward_fn, rollout_responses, repeated_ground_truths)
    advantages, _ = compute_group_normalized_rewards(
        raw_rewards, group_size, baseline, advantage_eps, advantage_normalizer
    )
    # Tokenised and padded once: the places of old_log_probs are those of the whole batch.
    batch = tokenize_prompt_and_output(repeated_prompts, rollout_responses, tokenizer)
    tokens = int(batch["response_mask"].sum())
    device = next(model.parameters()).device

    total, entropy, scored_tokens, clipped_tokens = torch.zeros(()), 0.0, 0, 0
    kept = advantages.nonzero().flatten()
    microbatch_size = rollouts // gradient_accumulation_steps
    optimizer.zero_grad()
    for start in range(0, len(kept), microbatch_size):
        rows = kept[start : start + microbatch_size]
        inputs, labels, mask = (batch[key][rows].to(device) for key in ("input_ids", "labels", "response_mask"))
        scored = get_response_log_probs(model, inputs, labels, return_token_entropy=True)
        per_token, details = compute_policy_gradient_loss(
            advantages[rows].to(device),
            scored["log_probs"],
            importance_reweighting_method,
            None if old_log_probs is None else old_log_probs[rows].to(device),
            cliprange,
            mask,
        )
        loss = aggregate_loss_across_microbatch(per_token, mask, loss_normalization, normalization_constant)
        if loss_normalization == "sequence":
            loss = loss * (len(rows) / rollouts)  # from the mean of these rows to their share of the batch's mean
        loss.backward()
        total = total + loss.detach().cpu()
        entropy += float(scored["token_entropy"].detach()[mask].sum())
        scored_tokens += int(mask.sum())
        if "clipped" in details:
            clipped_tokens += int((details["clipped"] & mask).sum())

    limit = math.inf if max_grad_norm is None else max_grad_norm
    metadata["grad_norm"] = float(torch.nn.utils.clip_grad_norm_(model.parameters(), limit))
    metadata["token_entropy"] = entropy / max(scored_tokens, 1)
    if importance_reweighting_method in ("grpo", "gspo"):
        metadata["clip_fraction"] = clipped_tokens / max(tokens, 1)
    optimizer.step()
    optimizer.zero_grad()
    return total, metadata
