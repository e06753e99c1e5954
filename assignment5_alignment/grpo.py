"""Reinforcement learning from verifiable rewards: sample, reward, update, again."""

from typing import Any

import torch


def grpo_loop(
    policy: torch.nn.Module,
    tokenizer: Any,
    optimizer: torch.optim.Optimizer,
    sampler: Any,
    task: Any,
    config: Any,
    seed: int,
) -> list[dict[str, float]]:
    """Train `policy` on its own answers to the prompts of `task`.

    Args:
        policy: a causal language model; called as `policy(input_ids)`, with `.logits` on the reply.
        tokenizer: of the policy.
        optimizer: of the policy's parameters; you neither make nor replace it.
        sampler: has `sync_policy_weights(policy)` and `generate_completions(prompts, params)`; it samples from a copy of
            its own, which is as old as the last synchronisation.
        task: has `prompts`, `ground_truths` (as many) and `reward_fn`.
        config: a `GRPOConfig` of `assignment5_alignment.experiments`.
        seed: decides which prompts a step has and what the sampler draws, differently in each step.

    Returns:
        One dict a step, in order: "mean_reward", the mean of "reward" over its rollouts, and "loss", the mean of what
        its updates returned.
    """
    raise NotImplementedError("grpo_experiments_standard_on_policy: write grpo_loop in assignment5_alignment/grpo.py")
