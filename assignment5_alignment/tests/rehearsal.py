"""Trainings rehearsed in float64: what plain gradient descent makes of given batches, update by update.

Not covered: which batches there are. That is read from what was watched, or follows from the handout's rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from assignment5_alignment.tasks import ids_of
from assignment5_alignment.tests.small_gpt2 import logits

HEADS = 4
Row = tuple[str, str]
"""A prompt and a response."""


@dataclass(frozen=True)
class Scored:
    """Log-probabilities (rows, length) of responses, 0 elsewhere, and where they are."""

    log_probs: Tensor
    mask: Tensor


class Rehearsal:
    """A policy's weights in float64, and one update after another."""

    def __init__(self, weights: Mapping[str, Tensor], learning_rate: float, max_grad_norm: float) -> None:
        self.weights = {name: tensor.detach().double().requires_grad_() for name, tensor in weights.items()}
        self._rate = learning_rate
        self._max_norm = max_grad_norm

    def score(self, rows: Sequence[Row]) -> Scored:
        """How likely the responses are now."""
        return scored(self.weights, rows)

    def update(self, loss: Tensor) -> float:
        """Descend along the clipped gradient of `loss`; the loss."""
        gradients = torch.autograd.grad(loss, list(self.weights.values()), allow_unused=True)
        gradients = tuple(
            torch.zeros_like(weight) if gradient is None else gradient
            for gradient, weight in zip(gradients, self.weights.values(), strict=True)
        )
        norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
        scale = self._rate * min(1.0, self._max_norm / (float(norm) + 1e-6))
        self.weights = {
            name: (weight - scale * gradient).detach().requires_grad_()
            for (name, weight), gradient in zip(self.weights.items(), gradients, strict=True)
        }
        return float(loss.detach())


def scored(weights: Mapping[str, Tensor], rows: Sequence[Row]) -> Scored:
    """Log-probabilities of the responses of `rows` under `weights`."""
    tokens = [(ids_of(prompt), ids_of(response)) for prompt, response in rows]
    longest = max(len(prompt) + len(response) for prompt, response in tokens)
    ids = torch.zeros(len(rows), longest, dtype=torch.int64)
    mask = torch.zeros(len(rows), longest - 1, dtype=torch.float64)
    for number, (prompt, response) in enumerate(tokens):
        ids[number, : len(prompt) + len(response)] = torch.tensor(prompt + response)
        mask[number, len(prompt) - 1 : len(prompt) + len(response) - 1] = 1.0
    found = logits(weights, ids[:, :-1], HEADS).log_softmax(dim=-1).gather(-1, ids[:, 1:, None]).squeeze(-1)
    return Scored(found * mask, mask)


def sft_loss(scores: Scored) -> Tensor:
    """The mean over rows of a response's negative log-likelihood."""
    return -scores.log_probs.sum(dim=1).mean()


def advantages(rewards: Tensor, group_size: int, settings: Mapping[str, Any]) -> Tensor:
    """As in the problem `compute_group_normalized_rewards`."""
    groups = rewards.double().view(-1, group_size)
    less = groups - groups.mean(dim=1, keepdim=True) if settings.get("baseline", "mean") == "mean" else groups
    kind = settings.get("advantage_normalizer", "std")
    if kind == "none":
        return less.flatten()
    scale = groups.std(dim=1, keepdim=True) if kind == "std" else groups.mean(dim=1, keepdim=True)
    return (less / (scale + settings.get("advantage_eps", 1e-6))).flatten()


def policy_gradient_loss(scores: Scored, worth: Tensor, old: Tensor | None, settings: Mapping[str, Any]) -> Tensor:
    """As in the problems `compute_policy_gradient_loss` and `aggregate_loss_across_microbatch`."""
    worth = worth[:, None]
    lengths = scores.mask.sum(dim=1, keepdim=True)
    kind, epsilon = settings.get("importance_reweighting_method", "none"), settings.get("cliprange")
    if kind == "none":
        losses = -worth * scores.log_probs
    else:
        distance = scores.log_probs - old
        if kind == "gspo":
            distance = (distance.sum(dim=1, keepdim=True) / lengths).expand_as(distance)
        ratio = distance.exp()
        losses = -ratio * worth
        if kind != "noclip":
            losses = torch.maximum(losses, -ratio.clamp(1 - epsilon, 1 + epsilon) * worth)
    losses = losses * scores.mask
    if settings.get("loss_normalization", "sequence") == "sequence":
        return (losses.sum(dim=1, keepdim=True) / lengths).mean()
    return losses.sum() / settings["normalization_constant"]
