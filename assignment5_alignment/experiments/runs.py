"""Learning runs with the loops of `adapters.py`, on the toy tasks and on comparisons: curves, and how good the policy is then.

Every run starts from the same policy, and its seed decides everything else, so a curve can be had again.
"""

import math
from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch

from assignment5_alignment import adapters, models, tasks
from assignment5_alignment.experiments.comparisons import Pair, comparisons
from assignment5_alignment.experiments.config import GRPOConfig
from assignment5_alignment.sampling import Sampler, SamplingParams

SAMPLING = SamplingParams(max_tokens=12, min_tokens=1, stop=(tasks.STOP,), include_stop_str_in_output=True)
STANDARD = GRPOConfig(steps=32, prompts_per_step=16, group_size=8, sampling=SAMPLING, train_batch_size=128)
RATE = 5e-4
"""Of AdamW. Much higher, and the few tokens that a response shares with all others swing the policy to and fro."""

ITERATIONS = 4
SAMPLES = 8
"""Responses to each held-out problem that a policy is measured by."""

DPO_RATE, BETA, EPOCHS, PAIRS_AT_ONCE = 2e-4, 0.2, 8, 20

REWARDS = "mean reward of the rollouts"
PREFERENCE = "probability of the preferred of two held-out responses"

_CONSTANT: dict[str, Any] = {"loss_normalization": "constant", "normalization_constant": 128 * 8}
_OLD: dict[str, Any] = {"epochs_per_rollout": 2, "train_batch_size": 64, "steps": 16}
ABLATIONS: dict[str, dict[str, Any]] = {
    "GRPO": {},
    "no std": {"advantage_normalizer": "none"},
    "no length mean": _CONSTANT,
    "Dr. GRPO": {"advantage_normalizer": "none", **_CONSTANT},
    "MaxRL": {"advantage_normalizer": "mean", **_CONSTANT},
    "no baseline": {"baseline": "none", "advantage_normalizer": "none"},
    "4 updates, GRPO clip": {**_OLD, "importance_reweighting_method": "grpo", "cliprange": 0.2},
    "4 updates, GSPO clip": {**_OLD, "importance_reweighting_method": "gspo", "cliprange": 0.2},
    "4 updates, no clip": {**_OLD, "importance_reweighting_method": "noclip"},
    "4 updates, no ratio": _OLD,
}
"""What each run changes of `STANDARD`. Those of four updates a step have half of the steps, so half of the samples."""


@dataclass(frozen=True)
class Run:
    """One run: its curve where it has one, and how good the policy is on what was held out, before and after."""

    name: str
    task: str
    seed: int
    curve: tuple[float, ...]
    before: float
    after: float
    shown: str = REWARDS
    """What the curve is, between 0 and 1; one value a step, of DPO one an epoch."""

    def as_dict(self) -> dict[str, Any]:
        """For a file."""
        return asdict(self)


def measured(policy: torch.nn.Module, task: tasks.Task) -> float:
    """The mean reward of `SAMPLES` responses to each held-out problem."""
    sampler = Sampler(policy, tasks.tokenizer(), batch_size=512)
    completions = sampler.generate_completions(list(task.validation_prompts), replace(SAMPLING, n=SAMPLES, seed=1))
    truths = [truth for truth in task.validation_truths for _ in range(SAMPLES)]
    rewards = [
        task.reward_fn(completion.text, truth)["reward"] for completion, truth in zip(completions, truths, strict=True)
    ]
    return sum(rewards) / len(rewards)


def sft(name: tasks.Name, seed: int) -> Run:
    """Fine-tuning on the true answers of the problems that are not held out, for six epochs."""

    def train(policy: torch.nn.Module, task: tasks.Task, optimizer: torch.optim.Optimizer) -> tuple[float, ...]:
        responses = [f"</think> <answer>{truth}</answer>" for truth in task.ground_truths]
        adapters.run_sft(policy, tasks.tokenizer(), optimizer, list(task.prompts), responses, 15, 6, 1.0, seed)
        return ()

    return _run("SFT", name, seed, train)


def expert_iteration(name: tasks.Name, seed: int) -> Run:
    """Some steps of expert iteration, each with four responses to each problem."""

    def train(policy: torch.nn.Module, task: tasks.Task, optimizer: torch.optim.Optimizer) -> tuple[float, ...]:
        sampler = Sampler(policy, tasks.tokenizer(), batch_size=512)
        shares = []
        for iteration in range(ITERATIONS):
            found = adapters.run_expert_iteration_step(
                policy,
                tasks.tokenizer(),
                optimizer,
                sampler,
                list(task.prompts),
                list(task.ground_truths),
                4,
                task.reward_fn,
                SAMPLING,
                32,
                2,
                1.0,
                seed * ITERATIONS + iteration,
            )
            shares.append(found["kept"] / found["sampled"])
        return tuple(shares)

    return _run("expert iteration", name, seed, train)


def grpo(name: tasks.Name, seed: int, ablation: str = "GRPO") -> Run:
    """A run of the GRPO loop, `STANDARD` but for what `ablation` changes."""
    config = replace(STANDARD, **ABLATIONS[ablation])

    def train(policy: torch.nn.Module, task: tasks.Task, optimizer: torch.optim.Optimizer) -> tuple[float, ...]:
        sampler = Sampler(policy, tasks.tokenizer(), batch_size=512)
        history = adapters.run_grpo_loop(policy, tasks.tokenizer(), optimizer, sampler, task, config, seed)
        return tuple(step["mean_reward"] for step in history)

    return _run(ablation, name, seed, train)


def dpo(seed: int) -> Run:
    """Preference optimisation of the small GPT-2, whose reference it is at first, for some epochs."""
    train, held_out = comparisons()
    reference, tokenizer = models.causal_lm("tiny-gpt2"), models.tokenizer("tiny-qwen-like")
    policy = deepcopy(reference)
    optimizer = torch.optim.AdamW(policy.parameters(), lr=DPO_RATE, betas=(0.9, 0.95), weight_decay=0.0)
    chances = [preference(policy, reference, tokenizer, held_out)]
    for epoch in range(EPOCHS):
        # An epoch a call, and a seed each: one call for all of them would leave nothing to measure in between.
        adapters.run_dpo(
            policy, reference, tokenizer, optimizer, train, BETA, PAIRS_AT_ONCE, 1, 1.0, seed * EPOCHS + epoch
        )
        chances.append(preference(policy, reference, tokenizer, held_out))
    return Run("DPO", "comparisons", seed, tuple(chances[1:]), chances[0], chances[-1], PREFERENCE)


def preference(policy: torch.nn.Module, reference: torch.nn.Module, tokenizer: Any, pairs: list[Pair]) -> float:
    """How probable the implicit rewards say the preferences are, in the mean (Bradley and Terry's model).

    The loss of a comparison is the negative logarithm of just that: a policy that is its reference has 0.5.
    """
    with torch.no_grad():
        losses = [
            float(adapters.run_compute_per_instance_dpo_loss(policy, reference, tokenizer, BETA, *pair))
            for pair in pairs
        ]
    return sum(math.exp(-loss) for loss in losses) / len(losses)


def _run(
    label: str,
    name: tasks.Name,
    seed: int,
    train: Callable[[torch.nn.Module, tasks.Task, torch.optim.Optimizer], tuple[float, ...]],
) -> Run:
    task, policy = tasks.task(name), tasks.start(name)
    before = measured(policy, task)
    optimizer = torch.optim.AdamW(policy.parameters(), lr=RATE, betas=(0.9, 0.95), weight_decay=0.0)
    rewards = train(policy, task, optimizer)
    return Run(label, name, seed, rewards, before, measured(policy, task))
