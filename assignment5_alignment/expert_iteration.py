"""Expert iteration: a policy learns from those of its own answers that were right."""

from collections.abc import Callable
from typing import Any

import torch


def expert_iteration_step(
    policy: torch.nn.Module,
    tokenizer: Any,
    optimizer: torch.optim.Optimizer,
    sampler: Any,
    prompts: list[str],
    ground_truths: list[str],
    group_size: int,
    reward_fn: Callable[[str, str], dict[str, float]],
    sampling: Any,
    batch_size: int,
    epochs: int,
    max_grad_norm: float,
    seed: int,
) -> dict[str, float]:
    """Sample `group_size` responses to each prompt, keep those whose reward is 1, fine-tune `policy` on these.

    Args:
        policy, tokenizer, optimizer, batch_size, epochs, max_grad_norm: as in `train_sft`.
        sampler: has `sync_policy_weights(policy)` and `generate_completions(prompts, params)`; it samples from a copy of
            its own, which is as old as the last synchronisation.
        prompts, ground_truths: the questions.
        group_size: responses to each.
        reward_fn: (response, ground truth) to {"reward", "format_reward", "answer_reward"}.
        sampling: the `SamplingParams` to sample with, but for `n` and `seed`.
        seed: of the sampling and of the order of the examples.

    Returns:
        {"sampled": how many responses there were, "kept": how many were kept, "loss": the mean over the updates, 0 where
        nothing was kept; then the policy stays as it is}.
    """
    raise NotImplementedError(
        "expert_iteration_experiment: write expert_iteration_step in assignment5_alignment/expert_iteration.py"
    )
