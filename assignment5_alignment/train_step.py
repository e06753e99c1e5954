"""Steps of training: a microbatch's backward pass, and a whole update of a policy from its rollouts.

A batch that does not fit into memory goes through the model in microbatches. Their gradients add up in `.grad`, so each
loss is scaled to the microbatch's share of the loss of the batch.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


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
    raise NotImplementedError(
        "sft_microbatch_train_step: write sft_microbatch_train_step in assignment5_alignment/train_step.py"
    )


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
    raise NotImplementedError(
        "grpo_microbatch_train_step: write grpo_microbatch_train_step in assignment5_alignment/train_step.py"
    )


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
    raise NotImplementedError(
        "grpo_train_step_standard_on_policy: write grpo_train_step in assignment5_alignment/train_step.py"
    )
