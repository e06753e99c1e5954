"""RMSNorm as Triton kernels: a program has whole rows, so that it reads each number once."""

from typing import Any

import torch
import triton
import triton.language as tl
from jaxtyping import Float
from torch import Tensor

from assignment2_systems.rmsnorm_gradients import EPS

TILE = 4096
"""Numbers in a tile, where rows are not longer."""


@triton.jit
def forward_kernel(x, g, y, rows, h, eps, ROWS: tl.constexpr, H: tl.constexpr):
    """A tile of rows, normalised. H is the power of two that h fits into."""
    i = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    j = tl.arange(0, H)
    inside = (i < rows)[:, None] & (j < h)[None, :]
    places = i[:, None] * h + j[None, :]
    values = tl.load(x + places, mask=inside, other=0.0).to(tl.float32)
    gain = tl.load(g + j, mask=j < h, other=0.0).to(tl.float32)
    inverse = 1 / tl.sqrt(tl.sum(values * values, axis=1) / h + eps)
    normal = values * inverse[:, None] * gain[None, :]
    tl.store(y + places, normal.to(y.dtype.element_ty), mask=inside)


@triton.jit
def backward_kernel(x, g, grad_y, grad_x, partial_grad_g, rows, h, eps, ROWS: tl.constexpr, H: tl.constexpr):
    """The gradient by a tile of rows, and their share in that by g, in a row of its own for each program."""
    program = tl.program_id(0)
    i = program * ROWS + tl.arange(0, ROWS)
    j = tl.arange(0, H)
    inside = (i < rows)[:, None] & (j < h)[None, :]
    places = i[:, None] * h + j[None, :]
    values = tl.load(x + places, mask=inside, other=0.0).to(tl.float32)
    grad = tl.load(grad_y + places, mask=inside, other=0.0).to(tl.float32)
    gain = tl.load(g + j, mask=j < h, other=0.0).to(tl.float32)
    inverse = 1 / tl.sqrt(tl.sum(values * values, axis=1) / h + eps)
    scaled = grad * gain[None, :]
    along = tl.sum(scaled * values, axis=1) / h * inverse * inverse
    to_x = inverse[:, None] * (scaled - along[:, None] * values)
    to_g = tl.sum(grad * values * inverse[:, None], axis=0)
    tl.store(grad_x + places, to_x.to(grad_x.dtype.element_ty), mask=inside)
    tl.store(partial_grad_g + program * h + j, to_g, mask=j < h)


class TritonRMSNormFunction(torch.autograd.Function):
    """g x / sqrt(mean(x^2) + EPS) over the last dimension, by kernels."""

    @staticmethod
    def forward(ctx: Any, x: Float[Tensor, "... h"], g: Float[Tensor, " h"]) -> Float[Tensor, "... h"]:
        """Computed in float32, returned in the dtype of x."""
        ctx.save_for_backward(x, g)
        y = x.new_empty(x.shape)
        rows, h, tile = sizes(x)
        forward_kernel[(triton.cdiv(rows, tile["ROWS"]),)](x.contiguous(), g.contiguous(), y, rows, h, EPS, **tile)
        return y

    @staticmethod
    def backward(ctx: Any, grad_output: Float[Tensor, "... h"]) -> tuple[Tensor, Tensor]:
        """Gradients by x and g."""
        x, g = ctx.saved_tensors
        rows, h, tile = sizes(x)
        programs = triton.cdiv(rows, tile["ROWS"])
        grad_x = x.new_empty(x.shape)
        shares = g.new_empty((programs, h), dtype=torch.float32)
        tensors = [tensor.contiguous() for tensor in (x, g, grad_output)]
        backward_kernel[(programs,)](*tensors, grad_x, shares, rows, h, EPS, **tile)
        return grad_x, shares.sum(dim=0).to(g.dtype)


def sizes(x: Float[Tensor, "... h"]) -> tuple[int, int, dict[str, int]]:
    """How many rows there are, how long they are, and the tile for them."""
    h = x.shape[-1]
    width = triton.next_power_of_2(h)
    return x.numel() // h, h, {"ROWS": max(1, TILE // width), "H": width}
