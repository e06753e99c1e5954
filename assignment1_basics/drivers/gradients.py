"""Tensors of the student's, and gradients through them: what other drivers share."""

from __future__ import annotations

import torch
from torch import Tensor


def tensor_from(name: str, result: object) -> Tensor:
    if not isinstance(result, Tensor):
        raise TypeError(f"{name} returned {type(result).__name__}; expected a tensor")
    return result


def gradients_of(output: Tensor, leaves: list[Tensor], cotangent: Tensor) -> list[Tensor | None]:
    """The gradient of sum(output * cotangent) for each leaf; None where no path leads to the leaf."""
    if output.shape != cotangent.shape:
        raise ValueError(f"the output has the shape {list(output.shape)}; expected {list(cotangent.shape)}")
    if not output.requires_grad:
        return [None] * len(leaves)
    # Not `grad_outputs=cotangent`, which imports sympy: a third of a second in every fresh process.
    total = (output * cotangent.to(output.dtype)).sum()
    return list(torch.autograd.grad(total, leaves, allow_unused=True))
