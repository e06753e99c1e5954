"""Whole training loops of a hand-in: on scripted answers and watched, or on a toy task until something is learned."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from assignment5_alignment import adapters, models, tasks
from assignment5_alignment.drivers.rewards import TableReward
from assignment5_alignment.drivers.watch import LoopWatch, ScriptedSampler
from assignment5_alignment.experiments import GRPOConfig
from assignment5_alignment.sampling import Sampler, SamplingParams

SAMPLING = {"max_tokens": 12, "min_tokens": 1, "stop": (tasks.STOP,), "include_stop_str_in_output": True}


def sft_run(
    weights: dict[str, Tensor],
    prompts: list[str],
    responses: list[str],
    learning_rate: float,
    batch_size: int,
    epochs: int,
    max_grad_norm: float,
    seed: int,
) -> dict[str, Any]:
    """`run_sft` with plain gradient descent.

    Returns:
        {"returned", "updates", "weights": the policy's afterwards, "batches": those of `LoopWatch`}.
    """
    policy = tasks.policy_of(weights)
    optimizer = torch.optim.SGD(policy.parameters(), lr=learning_rate)
    watch = LoopWatch(policy, optimizer)
    returned = adapters.run_sft(
        policy, tasks.tokenizer(), optimizer, prompts, responses, batch_size, epochs, max_grad_norm, seed
    )
    return _report(returned, policy, watch)


def sft_learns(
    weights: dict[str, Tensor],
    prompts: list[str],
    responses: list[str],
    learning_rate: float,
    batch_size: int,
    epochs: int,
    seed: int,
) -> dict[str, Any]:
    """`run_sft` with AdamW; {"returned", "weights": the policy's afterwards}."""
    policy = tasks.policy_of(weights)
    optimizer = _adamw(policy, learning_rate)
    returned = adapters.run_sft(policy, tasks.tokenizer(), optimizer, prompts, responses, batch_size, epochs, 1.0, seed)
    return {"returned": returned, "weights": tasks.weights_of(policy)}


def expert_iteration_run(
    weights: dict[str, Tensor],
    script: dict[str, list[str]],
    prompts: list[str],
    truths: list[str],
    group_size: int,
    rewards: list[tuple[str, str, float, float, float]],
    learning_rate: float,
    batch_size: int,
    epochs: int,
    max_grad_norm: float,
    seed: int,
) -> dict[str, Any]:
    """`run_expert_iteration_step` on scripted answers and a table of rewards, with plain gradient descent.

    Returns:
        As `sft_run`, and "calls": those of the scripted sampler.
    """
    policy = tasks.policy_of(weights)
    optimizer = torch.optim.SGD(policy.parameters(), lr=learning_rate)
    watch, sampler = LoopWatch(policy, optimizer), ScriptedSampler(script)
    returned = adapters.run_expert_iteration_step(
        policy,
        tasks.tokenizer(),
        optimizer,
        sampler,
        prompts,
        truths,
        group_size,
        TableReward(rewards),
        SamplingParams(**SAMPLING),
        batch_size,
        epochs,
        max_grad_norm,
        seed,
    )
    return {**_report(returned, policy, watch), "calls": sampler.calls}


def expert_iteration_learns(
    weights: dict[str, Tensor], task_name: str, learning_rate: float, iterations: int, group_size: int, seed: int
) -> dict[str, Any]:
    """Several steps of expert iteration on a toy task; {"returned": of each, "weights": the policy's afterwards}."""
    policy, task, tokenizer = tasks.policy_of(weights), tasks.task(task_name), tasks.tokenizer()
    optimizer, sampler = _adamw(policy, learning_rate), Sampler(policy, tokenizer, batch_size=512)
    returned = [
        adapters.run_expert_iteration_step(
            policy,
            tokenizer,
            optimizer,
            sampler,
            list(task.prompts),
            list(task.ground_truths),
            group_size,
            task.reward_fn,
            SamplingParams(**SAMPLING),
            32,
            2,
            1.0,
            seed + iteration,
        )
        for iteration in range(iterations)
    ]
    return {"returned": returned, "weights": tasks.weights_of(policy)}


def grpo_run(
    weights: dict[str, Tensor],
    script: dict[str, list[str]],
    prompts: list[str],
    truths: list[str],
    rewards: list[tuple[str, str, float, float, float]],
    settings: dict[str, Any],
    learning_rate: float,
    seed: int,
) -> dict[str, Any]:
    """`run_grpo_loop` on scripted answers and a table of rewards, with plain gradient descent.

    Args:
        settings: of `GRPOConfig`, but for the sampling.

    Returns:
        As `expert_iteration_run`.
    """
    policy = tasks.policy_of(weights)
    optimizer = torch.optim.SGD(policy.parameters(), lr=learning_rate)
    watch, sampler = LoopWatch(policy, optimizer), ScriptedSampler(script)
    task = tasks.Task("reversal", tuple(prompts), tuple(truths), (), (), TableReward(rewards), 12)
    config = GRPOConfig(sampling=SamplingParams(**SAMPLING), **settings)
    returned = adapters.run_grpo_loop(policy, tasks.tokenizer(), optimizer, sampler, task, config, seed)
    return {**_report(returned, policy, watch), "calls": sampler.calls}


def grpo_learns(
    weights: dict[str, Tensor], task_name: str, settings: dict[str, Any], learning_rate: float, seed: int
) -> dict[str, Any]:
    """`run_grpo_loop` on a toy task with AdamW; {"returned", "weights": the policy's afterwards}."""
    policy, tokenizer = tasks.policy_of(weights), tasks.tokenizer()
    optimizer, sampler = _adamw(policy, learning_rate), Sampler(policy, tokenizer, batch_size=512)
    config = GRPOConfig(sampling=SamplingParams(**SAMPLING), **settings)
    returned = adapters.run_grpo_loop(policy, tokenizer, optimizer, sampler, tasks.task(task_name), config, seed)
    return {"returned": returned, "weights": tasks.weights_of(policy)}


def dpo_run(
    weights: dict[str, Tensor],
    reference_weights: dict[str, Tensor],
    pairs: list[tuple[str, str, str]],
    optimizer_name: str,
    learning_rate: float,
    beta: float,
    batch_size: int,
    epochs: int,
    max_grad_norm: float,
    seed: int,
) -> dict[str, Any]:
    """`run_dpo` on the small GPT-2 of `models` with these weights, and the tokenizer that adds nothing.

    Args:
        optimizer_name: "sgd" or "adamw".

    Returns:
        As `sft_run`, and "reference": the weights of the reference model afterwards.
    """
    dtype = weights["transformer.wte.weight"].dtype
    policy, reference = (models.causal_lm("tiny-gpt2", each).to(dtype) for each in (weights, reference_weights))
    policy.load_state_dict(weights, strict=False)  # the model was made in float32, which rounds
    reference.load_state_dict(reference_weights, strict=False)
    plain = optimizer_name == "sgd"
    optimizer = torch.optim.SGD(policy.parameters(), lr=learning_rate) if plain else _adamw(policy, learning_rate)
    watch = LoopWatch(policy, optimizer)
    tokenizer = models.tokenizer("tiny-qwen-like")
    returned = adapters.run_dpo(
        policy, reference, tokenizer, optimizer, pairs, beta, batch_size, epochs, max_grad_norm, seed
    )
    return {**_report(returned, policy, watch), "reference": tasks.weights_of(reference)}


def _adamw(policy: torch.nn.Module, learning_rate: float) -> torch.optim.Optimizer:
    return torch.optim.AdamW(policy.parameters(), lr=learning_rate, betas=(0.9, 0.95), weight_decay=0.0)


def _report(returned: Any, policy: Any, watch: LoopWatch) -> dict[str, Any]:
    return {
        "returned": returned,
        "updates": watch.updates,
        "weights": tasks.weights_of(policy),
        "batches": watch.batches,
    }
