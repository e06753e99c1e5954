"""Reinforcement learning from verifiable rewards: sample, reward, update, again."""

import random
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from assignment5_alignment.log_probs import get_response_log_probs
from assignment5_alignment.tokenization import tokenize_prompt_and_output
from assignment5_alignment.train_step import grpo_train_step


def grpo_loop(
    policy: torch.nn.Module,
    tokenizer: Any,
    optimizer: torch.optim.Optimizer,
    sampler: Any,
    task: Any,
    config: Any,
    seed: int,
) -> list[dict[str, float]]:
    """Train `policy` on its own answers to the prompts of `task`; one dict with "mean_reward" and "loss" a step."""
    chance = random.Random(seed)
    history = []
    for _ in range(config.steps):
        chosen = chance.sample(range(len(task.prompts)), config.prompts_per_step)
        prompts = [task.prompts[number] for number in chosen]
        sampler.sync_policy_weights(policy)
        params = replace(config.sampling, n=config.group_size, seed=chance.randrange(2**31))
        responses = [completion.text for completion in sampler.generate_completions(prompts, params)]
        repeated = [prompt for prompt in prompts for _ in range(config.group_size)]
        truths = [task.ground_truths[number] for number in chosen for _ in range(config.group_size)]

        batches = [
            slice(begin, begin + config.train_batch_size) for begin in range(0, len(responses), config.train_batch_size)
        ]
        # Before the first update: the weights that these responses were sampled from are gone after it.
        old = [old_log_probs(policy, tokenizer, repeated[part], responses[part], config) for part in batches]
        losses, rewards = [], []
        for _ in range(config.epochs_per_rollout):
            for part, log_probs in zip(batches, old, strict=True):
                loss, metadata = grpo_train_step(
                    policy,
                    tokenizer,
                    optimizer,
                    config.gradient_accumulation_steps,
                    config.max_grad_norm,
                    task.reward_fn,
                    repeated[part],
                    responses[part],
                    truths[part],
                    config.group_size,
                    config.baseline,
                    config.advantage_eps,
                    config.advantage_normalizer,
                    config.importance_reweighting_method,
                    log_probs,
                    config.cliprange,
                    config.loss_normalization,
                    config.normalization_constant,
                )
                losses.append(float(loss))
                rewards.append(float(metadata["mean_reward"]))
        history.append({"mean_reward": sum(rewards) / len(rewards), "loss": sum(losses) / len(losses)})
    return history


def old_log_probs(
    policy: torch.nn.Module, tokenizer: Any, prompts: list[str], responses: list[str], config: Any
) -> Tensor | None:
    """How likely the policy held each token when it said it; None where the loss does not ask for it."""
    if config.importance_reweighting_method == "none":
        return None
    rows = tokenize_prompt_and_output(prompts, responses, tokenizer)
    with torch.no_grad():
        scored = get_response_log_probs(policy, rows["input_ids"], rows["labels"], return_token_entropy=False)
    return scored["log_probs"].detach()
