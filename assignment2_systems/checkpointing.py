"""Activation checkpointing: keep few intermediate results, and compute the others again in the backward pass."""

from collections.abc import Callable, Sequence

from jaxtyping import Float
from torch import Tensor


def checkpointed_forward(blocks: Sequence[Callable[[Tensor], Tensor]], x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Apply the blocks one after the other, in a way that lets the backward pass run in little memory.

    At no time, from the first block to the end of the backward pass, are the residuals (what a block saves for its
    backward pass) of more than two blocks alive, nor more than 2 log2(N) + 8 tensors of the size of x, N being the
    number of blocks. To compute again costs time instead: at most N (N + 1) / 2 calls of blocks for N of at least 8.

    Result and gradients are those of plain calls, also for blocks that draw random numbers, have parameters of
    their own, or get an `x` that needs no gradient. Without blocks it is x.
    """
    raise NotImplementedError(
        "gradient_checkpointing: write checkpointed_forward in assignment2_systems/checkpointing.py"
    )


def grouped_bytes(N: int, g: int, ckpt_bytes: int, resid_bytes: int) -> int:
    """The peak of N blocks in groups of g, each group one checkpoint (the last may be smaller).

    Every group keeps its input, of `ckpt_bytes`. The backward pass takes one group at a time, and while it does,
    the residuals of its blocks, of `resid_bytes` each, are alive.
    """
    raise NotImplementedError("gradient_checkpointing: write grouped_bytes in assignment2_systems/checkpointing.py")


def best_group_size(N: int, ckpt_bytes: int, resid_bytes: int) -> int:
    """The g from 1 to N with the smallest `grouped_bytes`; of equal ones the smallest."""
    raise NotImplementedError("gradient_checkpointing: write best_group_size in assignment2_systems/checkpointing.py")
