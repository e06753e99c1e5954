"""Expert iteration: a policy learns from those of its own answers that were right."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from assignment5_alignment.sft import train_sft


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

    All that earned the reward are kept, equal ones, too: what the policy says often weighs as much as it is said.
    """
    sampler.sync_policy_weights(policy)
    completions = sampler.generate_completions(prompts, replace(sampling, n=group_size, seed=seed))
    kept = []
    for number, completion in enumerate(completions):
        question = number // group_size
        if reward_fn(completion.text, ground_truths[question])["reward"] == 1:
            kept.append((prompts[question], completion.text))
    history = train_sft(
        policy,
        tokenizer,
        optimizer,
        [prompt for prompt, _ in kept],
        [response for _, response in kept],
        batch_size,
        epochs,
        max_grad_norm,
        seed,
    )
    losses = [update["loss"] for update in history]
    return {"sampled": len(completions), "kept": len(kept), "loss": sum(losses) / max(1, len(losses))}
