"""Rollouts of a small policy, and one update of it computed in float64: what the train step's tests compare with.

The policy is the one of `drivers/policies.py` once more, row by row and without padding. No worker ever sees this file.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import torch
from torch import Tensor

from assignment5_alignment import models
from assignment5_alignment.tests import token_loss_reference as reference

TOKENIZER = "tiny-qwen-like"
OWN = "own"
VOCABULARY, WIDTH = 1024, 6
WORDS = [
    "river",
    "stone",
    "seven",
    "garden",
    "twelve",
    "under",
    "lantern",
    "the",
    "answer",
    "is",
    "paper",
    "forty",
    "window",
    "slow",
    "morning",
    "copper",
    "nine",
]


@dataclasses.dataclass(frozen=True)
class Case:
    """Rollouts, group after group, with a policy's weights; `old_log_probs` in the places of the batch's labels."""

    weights: dict[str, Tensor]
    prompts: list[str]
    responses: list[str]
    truths: list[str]
    table: list[tuple[str, str, float, float, float]]
    group_size: int
    old_log_probs: Tensor
    kind: str = OWN

    def arguments(self, **others: Any) -> dict[str, Any]:
        """Of `run_grpo_train_step`, but for those that the driver makes."""
        return {
            "repeated_prompts": self.prompts,
            "rollout_responses": self.responses,
            "repeated_ground_truths": self.truths,
            "group_size": self.group_size,
            "gradient_accumulation_steps": 1,
            "max_grad_norm": None,
            **others,
        }

    def column(self, place: int) -> Tensor:
        """The rewards (2), format rewards (3) or answer rewards (4) of the rollouts, float64."""
        known = {row[:2]: row[place] for row in self.table}
        return torch.tensor([known[pair] for pair in zip(self.responses, self.truths, strict=True)]).double()


@dataclasses.dataclass(frozen=True)
class Expected:
    """One update in float64: `change` is what each weight differs by afterwards, for a learning rate of 1."""

    loss: Tensor
    size: float
    """Of the terms that make the loss, without their signs: responses of one sign of advantage cancel the others."""
    change: dict[str, Tensor]
    grad_norm: float
    token_entropy: float
    clip_fraction: float
    scored: list[int]


def rows_of(case: Case) -> list[tuple[list[int], list[int]]]:
    """The token ids of each prompt and of its response."""
    tokenizer = models.tokenizer(TOKENIZER)
    ids = [
        [tokenizer.encode(text, add_special_tokens=False) for text in texts] for texts in (case.prompts, case.responses)
    ]
    return list(zip(*ids, strict=True))


def drawn(draw, rewards: list[list[float]], kind: str = OWN, clip: float = 0.2) -> Case:
    """A group of rollouts for each list of `rewards`, responses of different lengths, the first one the longest.

    Old log-probabilities differ from the policy's so that some ratios are inside, above and below the range `clip`.
    """
    group_size, prompts, responses, truths = len(rewards[0]), [], [], []
    order = draw.permutation(len(WORDS)).tolist()
    for question in range(len(rewards)):
        prompt = " ".join(draw.choice(WORDS) for _ in range(draw.integer(2, 6)))
        for answer in range(group_size):
            place = question * group_size + answer
            length = 9 if place == 0 else draw.integer(1, 6)
            words = [draw.choice(WORDS) for _ in range(length)]
            prompts.append(f"{prompt}?")
            responses.append(f" {WORDS[order[place % len(order)]]}{place} {' '.join(words)}")
            truths.append(f"truth {question}")
    flat = [value for group in rewards for value in group]
    table = [
        (response, truth, value, draw.number(2, 3), draw.number(4, 5))
        for response, truth, value in zip(responses, truths, flat, strict=True)
    ]
    case = Case(weights_of(draw, kind), prompts, responses, truths, table, group_size, torch.zeros(0), kind)
    return dataclasses.replace(case, old_log_probs=_old_log_probs(draw, case, clip))


def weights_of(draw, kind: str) -> dict[str, Tensor]:
    """Of the small policy, or those that are shipped with a model of `models`."""
    if kind != OWN:
        return models.weights(kind)
    return {
        "embedding": draw.normal(VOCABULARY, WIDTH, scale=0.7),
        "mixing": draw.normal(WIDTH, WIDTH, scale=0.7),
        "head": draw.normal(WIDTH, VOCABULARY, scale=0.8),
    }


def expected(case: Case, **options: Any) -> Expected:
    """The update of all rollouts at once; `options` are those of `run_grpo_train_step`, with its defaults."""
    chosen = {
        "baseline": "mean",
        "advantage_eps": 1e-6,
        "advantage_normalizer": "std",
        "importance_reweighting_method": "none",
        "cliprange": None,
        "loss_normalization": "sequence",
        "normalization_constant": None,
        "max_grad_norm": None,
        **options,
    }
    advantages = advantages_of(case, chosen)
    leaves, log_probs_of = _policy(case)
    method, rows = chosen["importance_reweighting_method"], rows_of(case)
    terms, entropies, clipped, scored = [], [], 0, []
    for place, (prompt, response) in enumerate(rows):
        if advantages[place] == 0:
            continue
        scored.append(place)
        log_probs, entropy = log_probs_of(prompt, response)
        entropies.append(entropy.detach())
        start = len(prompt) - 1
        old = case.old_log_probs[place : place + 1, start : start + len(response)]
        weight = advantages[place : place + 1]
        losses = reference.token_losses(method, weight, log_probs.unsqueeze(0), old, chosen["cliprange"])
        if method in ("grpo", "gspo"):
            clipped += int(
                reference.clipped(method, weight, log_probs.detach().unsqueeze(0), old, chosen["cliprange"], None).sum()
            )
        constant = chosen["loss_normalization"] == "constant"
        terms.append(
            losses.sum() / chosen["normalization_constant"]
            if constant
            else losses.sum() / max(len(response), 1) / len(rows)
        )
    loss, size = torch.stack(terms).sum(), float(torch.stack(terms).detach().abs().sum())
    gradients = dict(zip(leaves, torch.autograd.grad(loss, list(leaves.values())), strict=True))
    norm = math.sqrt(sum(float(gradient.square().sum()) for gradient in gradients.values()))
    limit = chosen["max_grad_norm"]
    factor = 1.0 if limit is None else min(1.0, limit / norm)
    return Expected(
        loss=loss.detach(),
        size=size,
        change={name: -factor * gradient for name, gradient in gradients.items()},
        grad_norm=norm,
        token_entropy=float(torch.cat(entropies).mean()),
        clip_fraction=clipped / sum(len(response) for _, response in rows),
        scored=scored,
    )


def on_policy(case: Case) -> Case:
    """The same rollouts, as if the policy itself had sampled them."""
    return dataclasses.replace(case, old_log_probs=_spread(case, [own for own, _ in _own_log_probs(case)], -7.0))


def advantages_of(case: Case, chosen: dict[str, Any]) -> Tensor:
    """In float64, group by group."""
    groups = case.column(2).view(-1, case.group_size)
    mean, eps = groups.mean(1, keepdim=True), chosen["advantage_eps"]
    scales = {"std": groups.std(1, keepdim=True) + eps, "mean": mean + eps, "none": torch.ones_like(mean)}
    centred = groups - mean if chosen["baseline"] == "mean" else groups
    return (centred / scales[chosen["advantage_normalizer"]]).flatten()


def _policy(case: Case) -> tuple[dict[str, Tensor], Any]:
    """The weights as float64 leaves, and a function from the ids of a row to log-probabilities and entropies."""
    if case.kind == OWN:
        leaves = {name: weight.double().requires_grad_() for name, weight in case.weights.items()}

        def logits_of(ids: Tensor) -> Tensor:
            embedded = leaves["embedding"][ids]
            counts = torch.arange(1, len(ids) + 1).unsqueeze(1)
            return torch.tanh((embedded + embedded.cumsum(0) / counts) @ leaves["mixing"]) @ leaves["head"]

    else:
        model = models.causal_lm(case.kind, case.weights).double()
        leaves = dict(model.named_parameters())

        def logits_of(ids: Tensor) -> Tensor:
            return model(ids.unsqueeze(0)).logits[0]

    def log_probs_of(prompt: list[int], response: list[int]) -> tuple[Tensor, Tensor]:
        ids = torch.tensor(prompt + response)
        distribution = torch.log_softmax(logits_of(ids[:-1])[len(prompt) - 1 :], dim=-1)
        entropies = -(distribution.exp() * distribution).sum(-1)
        return distribution[torch.arange(len(response)), ids[len(prompt) :]], entropies

    return leaves, log_probs_of


def _own_log_probs(case: Case) -> list[tuple[Tensor, int]]:
    """Of each response's tokens, by the policy itself."""
    _, log_probs_of = _policy(case)
    return [(log_probs_of(prompt, response)[0].detach().float(), len(response)) for prompt, response in rows_of(case)]


def _spread(case: Case, rows: list[Tensor], elsewhere: float) -> Tensor:
    """Numbers of the responses' tokens in the places of the labels: (rollouts, longest - 1)."""
    ids = rows_of(case)
    longest = max(len(prompt) + len(response) for prompt, response in ids)
    found = torch.full((len(ids), longest - 1), elsewhere)
    for place, ((prompt, response), row) in enumerate(zip(ids, rows, strict=True)):
        start = len(prompt) - 1
        found[place, start : start + len(response)] = row
    return found


def _old_log_probs(draw, case: Case, clip: float) -> Tensor:
    """Ratios of tokens, and their means over responses, are inside, above and below the range."""
    rows = []
    for place, (own, length) in enumerate(_own_log_probs(case)):
        shift = (0.0, 1.6 * clip + clip**2, -1.6 * clip - clip**2)[place % 3]
        noise = reference.ratios_around(draw, clip, length)
        rows.append(own - (noise - noise.mean() + shift))
    return _spread(case, rows, -7.0)
