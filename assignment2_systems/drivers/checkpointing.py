"""Blocks that count what is computed and what is kept, given to the student's checkpointing."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from assignment2_systems import adapters
from assignment2_systems.drivers.live_storages import LiveStorages

RESIDUAL = 16
"""The size of a block's residuals, in tensors of the size of its input."""


class GatedStep(torch.autograd.Function):
    """x + tanh(weight * x), which saves much more for its backward pass than it needs."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        kept = torch.tanh(weight * x).repeat(RESIDUAL)
        ctx.save_for_backward(kept, x, weight)
        return x + kept[: x.numel()]

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        kept, x, weight = ctx.saved_tensors
        inner = (1 - kept[: x.numel()].square()) * gradients[0]
        return gradients[0] + weight * inner, (x * inner).sum().reshape(1)


class Counts(LiveStorages):
    """The most residuals, and the most tensors of the size of the input, that lived after any operator."""

    def __init__(self, x: Tensor, weights: list[Tensor]) -> None:
        super().__init__([x, *weights])
        self._size = x.numel() * x.element_size()
        self.residuals = 0
        self.activations = 0

    def noted(self, operator: str, result: Any) -> None:
        super().noted(operator, result)
        residuals = self.count(RESIDUAL * self._size)
        self.residuals = max(self.residuals, residuals)
        self.activations = max(self.activations, self.count(self._size) - residuals)


def checkpointed_run(x: Tensor, weights: Tensor, cotangent: Tensor, input_needs_gradient: bool) -> dict[str, Any]:
    """Run blocks x + tanh(weight * x), one a weight, through checkpointing, forward and backward.

    Keys: "result"; "x", the gradient of the input, or None; "weights", those of the weights (None where there is
    none); "calls" of blocks; "residuals" and "activations", the most that were alive at once.
    """
    x = x.clone().requires_grad_(input_needs_gradient)
    leaves = [weight.reshape(1).clone().requires_grad_() for weight in weights]
    calls = 0

    def block_of(weight: Tensor) -> Any:
        def block(value: Tensor) -> Tensor:
            nonlocal calls
            calls += 1
            return GatedStep.apply(value, weight)

        return block

    with Counts(x, leaves) as counts:
        result = adapters.run_checkpointed_forward([block_of(weight) for weight in leaves], x)
        if result.requires_grad:
            result.backward(cotangent)
    return {
        "result": result.detach(),
        "x": x.grad,
        "weights": [leaf.grad for leaf in leaves],
        "calls": calls,
        "residuals": counts.residuals,
        "activations": counts.activations,
    }


def checkpointed_noise(x: Tensor, blocks: int, seed: int) -> tuple[Tensor, Tensor | None]:
    """Blocks that multiply by random numbers from 0.5 to 1.5: the result, and the gradient of its sum."""
    torch.manual_seed(seed)
    x = x.clone().requires_grad_()
    result = adapters.run_checkpointed_forward([lambda value: value * (0.5 + torch.rand_like(value))] * blocks, x)
    result.sum().backward()
    return result.detach(), x.grad
