"""A worked example of a Triton kernel with a gradient: y = x · w for every row of x. Nothing is to be done here.

Each program takes a tile of rows and walks along them a tile of columns at a time. The lengths may be any: where a
tile hangs over the edge, the mask keeps loads and stores within the tensors.
"""

from typing import Any

import torch
import triton
import triton.language as tl
from jaxtyping import Float
from torch import Tensor

ROWS, COLUMNS = 16, 64
"""The sides of a tile: powers of two."""


@triton.jit
def forward_kernel(x, w, y, x_row, x_column, rows, columns, ROWS: tl.constexpr, COLUMNS: tl.constexpr):
    """y[i] = sum_j x[i, j] w[j] for one tile of rows. Tensors arrive as pointers to their first number."""
    i = tl.program_id(0) * ROWS + tl.arange(0, ROWS)  # which rows are this program's
    total = tl.zeros([ROWS], dtype=tl.float32)
    for first in range(0, columns, COLUMNS):
        j = first + tl.arange(0, COLUMNS)
        inside = (i < rows)[:, None] & (j < columns)[None, :]
        tile = tl.load(x + i[:, None] * x_row + j[None, :] * x_column, mask=inside, other=0.0)
        weights = tl.load(w + j, mask=j < columns, other=0.0)
        total += tl.sum(tile.to(tl.float32) * weights.to(tl.float32)[None, :], axis=1)
    tl.store(y + i, total.to(y.dtype.element_ty), mask=i < rows)


@triton.jit
def backward_kernel(
    x, w, grad_y, grad_x, partial_grad_w, x_row, x_column, rows, columns, ROWS: tl.constexpr, COLUMNS: tl.constexpr
):
    """For one tile of rows: grad_x[i, j] = grad_y[i] w[j], and these rows' share of grad_w[j] = sum_i grad_y[i] x[i, j].

    All programs have a share in grad_w. Each writes its own row of `partial_grad_w`, so none waits for another.
    """
    program = tl.program_id(0)
    i = program * ROWS + tl.arange(0, ROWS)
    grad = tl.load(grad_y + i, mask=i < rows, other=0.0).to(tl.float32)
    for first in range(0, columns, COLUMNS):
        j = first + tl.arange(0, COLUMNS)
        inside = (i < rows)[:, None] & (j < columns)[None, :]
        tile = tl.load(x + i[:, None] * x_row + j[None, :] * x_column, mask=inside, other=0.0).to(tl.float32)
        weights = tl.load(w + j, mask=j < columns, other=0.0).to(tl.float32)
        to_x = grad[:, None] * weights[None, :]
        tl.store(grad_x + i[:, None] * columns + j[None, :], to_x.to(grad_x.dtype.element_ty), mask=inside)
        tl.store(partial_grad_w + program * columns + j, tl.sum(grad[:, None] * tile, axis=0), mask=j < columns)


class WeightedSum(torch.autograd.Function):
    """x · w along the last dimension, for x of any rank and any strides of its last two."""

    @staticmethod
    def forward(ctx: Any, x: Float[Tensor, "... columns"], w: Float[Tensor, " columns"]) -> Float[Tensor, "..."]:
        """One launch with a program for each tile of rows."""
        flat = x.reshape(-1, x.shape[-1])
        y = x.new_empty(x.shape[:-1])
        rows, columns = flat.shape
        grid = (triton.cdiv(rows, ROWS),)
        forward_kernel[grid](flat, w.contiguous(), y, *flat.stride(), rows, columns, ROWS=ROWS, COLUMNS=COLUMNS)
        ctx.save_for_backward(x, w)
        return y

    @staticmethod
    def backward(ctx: Any, grad_y: Float[Tensor, "..."]) -> tuple[Tensor, Tensor]:
        """Gradients by x and w, in this order: one for each argument of `forward`."""
        x, w = ctx.saved_tensors
        flat = x.reshape(-1, x.shape[-1])
        rows, columns = flat.shape
        programs = triton.cdiv(rows, ROWS)
        grad_x = x.new_empty(x.shape)
        partial_grad_w = w.new_empty((programs, columns), dtype=torch.float32)
        backward_kernel[(programs,)](
            flat, w.contiguous(), grad_y.contiguous(), grad_x, partial_grad_w, *flat.stride(), rows, columns,
            ROWS=ROWS, COLUMNS=COLUMNS,
        )  # fmt: skip
        return grad_x, partial_grad_w.sum(dim=0).to(w.dtype)
