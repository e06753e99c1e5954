"""Scripted answers, tables of what they earn, and what a training loop makes of them, rehearsed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from assignment5_alignment.tests.rehearsal import Rehearsal, Row, advantages, policy_gradient_loss
from assignment5_alignment.tests.watched_loops import (
    check_change,
    check_history,
    check_numbers,
    check_untouched,
    check_weights,
    response,
    toy_weights,
    words,
)

REST = {"max_tokens": 12, "temperature": 1.0, "stop": ["</answer>"]}
WORTH = (0.0, 0.0, 0.5, 1.0, 1.0)


@dataclass(frozen=True)
class Scripts:
    """Questions, the lines that answer each in turn, and what every line earns with every truth."""

    weights: dict[str, Tensor]
    prompts: list[str]
    truths: list[str]
    script: dict[str, list[str]]
    rewards: list[tuple[str, str, float, float, float]]

    def reward(self, line: str, prompt: str) -> float:
        """What `line` earns as an answer to `prompt`; its form and its answer alone earn something else."""
        truth = self.truths[self.prompts.index(prompt)]
        return next(row[2] for row in self.rewards if row[:2] == (line, truth))


@dataclass
class Asked:
    """What a sampler was asked for in one step: the prompts in order, and the weights that it then sampled from."""

    prompts: list[str] = field(default_factory=list)
    weights: list[dict[str, Tensor]] = field(default_factory=list)


def scripts(draw, count: int, lines: int, worth: tuple[float, ...] = WORTH) -> Scripts:
    """`count` questions with `lines` answers each, drawn from few; the same answer earns differently elsewhere."""
    chosen = words(draw, count)
    truths = [word[::-1] for word in chosen]
    pool = [response(answer) for answer in ("a", "bd", "eda", "abed")] + ["no</think>a</answer>"]
    script = {f"{word}?<think>": [draw.choice(pool) for _ in range(lines)] for word in chosen}
    rewards = []
    for number, truth in enumerate(truths):
        first = draw.integer(0, len(pool))
        for place, line in enumerate(pool):
            # Every question has answers of both kinds, whatever is drawn.
            earned = worth[(place + first + number) % len(worth)]
            rewards.append((line, truth, earned, draw.choice((0.0, 1.0)), draw.choice((0.0, 1.0))))
    return Scripts(toy_weights(draw), list(script), truths, script, rewards)


def steps_of(check, who: str, report: dict, given: Scripts, rollouts: int, group_size: int) -> list[Asked]:
    """The sampler's calls step by step: each of `rollouts` answers, `group_size` to every prompt."""
    steps, asked = [], {}
    check.that(isinstance(report["calls"], list), f"{who}: the calls of the sampler are no list")
    for call in report["calls"]:
        good = isinstance(call, dict) and isinstance(call["prompts"], list) and type(call["n"]) is int and call["n"] > 0
        check.that(
            good and all(prompt in given.prompts for prompt in call["prompts"]), f"{who} called the sampler wrongly"
        )
        rest = call["rest"]
        check.that(
            isinstance(rest, dict)
            and all(type(rest[key]) is type(value) and rest[key] == value for key, value in REST.items()),
            f"{who} sampled with other parameters than it was given",
        )
        if not steps or sum(asked.values()) >= rollouts:
            steps.append(Asked())
            asked = dict.fromkeys(given.prompts, 0)
        for prompt in call["prompts"]:
            if prompt not in steps[-1].prompts:
                steps[-1].prompts.append(prompt)
            asked[prompt] += call["n"]
        steps[-1].weights.append(call["weights"])
        if sum(asked.values()) >= rollouts:
            check.that(
                all(count in (0, group_size) for count in asked.values()),
                f"{who} sampled {sorted({count for count in asked.values() if count})} responses to a prompt in one step; "
                f"expected {group_size} to each",
            )
    check.that(
        not steps or sum(asked.values()) == rollouts, f"{who} sampled other numbers of responses than {rollouts} a step"
    )
    return steps


def check_seeds(check, who: str, report: dict) -> None:
    """No prompt is sampled twice with one seed, which would give the same responses again."""
    used = [(prompt, repr(call["seed"])) for call in report["calls"] for prompt in dict.fromkeys(call["prompts"])]
    check.that(
        len(set(used)) == len(used),
        f"{who} sampled responses to the same prompt twice with the same seed: they are equal",
    )


def check_sampled_from(
    check, who: str, asked: Asked, given: Scripts, current: Mapping[str, Tensor], first: bool
) -> None:
    """The sampler had the policy's weights of that moment."""
    for weights in asked.weights:
        check.that(isinstance(weights, dict) and weights, f"{who} sampled before the sampler had the policy's weights")
        if first:
            check_untouched(check, who, "the policy before it sampled", weights, given.weights)
            continue
        check_change(check, f"{who}: the weights that the sampler sampled from", who, weights, given.weights, current)


def check_grpo(check, who: str, report: dict, given: Scripts, settings: Mapping[str, Any], rate: float) -> None:
    """Prompts, weights at each sampling, history and final parameters of a run of `run_grpo_loop`."""
    group_size, per_step = settings["group_size"], settings["prompts_per_step"]
    steps = steps_of(check, who, report, given, per_step * group_size, group_size)
    check.that(len(steps) == settings["steps"], f"{who} sampled in {len(steps)} steps; expected {settings['steps']}")
    check_seeds(check, who, report)
    rehearsal = Rehearsal(given.weights, rate, settings.get("max_grad_norm", 1.0))
    said = dict.fromkeys(given.prompts, 0)
    rewards, losses = [], []
    for number, asked in enumerate(steps):
        check.that(
            len(asked.prompts) == per_step,
            f"{who} sampled responses to {len(asked.prompts)} prompts in a step; expected {per_step} different ones",
        )
        check_sampled_from(check, who, asked, given, rehearsal.weights, first=number == 0)
        rows = []
        for prompt in asked.prompts:
            lines = given.script[prompt]
            rows += [(prompt, lines[(said[prompt] + place) % len(lines)]) for place in range(group_size)]
            said[prompt] += group_size
        earned = torch.tensor([given.reward(line, prompt) for prompt, line in rows])
        rewards.append(float(earned.mean()))
        losses.append(rehearse_step(rehearsal, rows, earned, settings))
    check_history(check, who, report["returned"], ("mean_reward", "loss"), settings["steps"])
    check_numbers(check, who, report["returned"], "mean_reward", rewards)
    check_numbers(check, who, report["returned"], "loss", losses)
    check_weights(check, who, report, given.weights, rehearsal.weights)


def rehearse_step(rehearsal: Rehearsal, rows: list[Row], earned: Tensor, settings: Mapping[str, Any]) -> float:
    """All updates on the rollouts of one step; the mean of their losses."""
    size = settings["train_batch_size"]
    parts = [slice(begin, begin + size) for begin in range(0, len(rows), size)]
    worth = advantages(earned, settings["group_size"], settings)
    old = [rehearsal.score(rows[part]).log_probs.detach() for part in parts]
    losses = []
    for _ in range(settings.get("epochs_per_rollout", 1)):
        for part, before in zip(parts, old, strict=True):
            loss = policy_gradient_loss(rehearsal.score(rows[part]), worth[part], before, settings)
            losses.append(rehearsal.update(loss))
    return sum(losses) / len(losses)
