"""Fully sharded data parallelism: no rank holds a weight longer than it computes with it."""

from typing import Any

import torch
from torch import Tensor, nn


class FullyShardedDataParallel(nn.Module):
    """A module of which each rank keeps a part, and which computes as if each had all of it.

    The `weight` of every `Linear` and `Embedding`, of `assignment1_basics.nn` and of `torch.nn`, at any depth, is
    sharded: a rank keeps at most its share of the elements, rounded up to a row or a column. Everything else, gains
    of norms, biases and buffers, is replicated. All starts from what rank 0 has. `parameters()` gives what this rank
    keeps, in the dtype it came in, so an optimizer is made after wrapping.
    """

    module: nn.Module
    """The wrapped module."""

    def __init__(self, module: nn.Module, compute_dtype: torch.dtype | None = None) -> None:
        """`compute_dtype` is what sharded layers communicate their weights in, and compute in."""
        raise NotImplementedError(
            "fsdp: write FullyShardedDataParallel.__init__ in assignment2_systems/fully_sharded.py"
        )

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """What the module makes of these inputs. A weight is whole while its layer computes, and not after."""
        raise NotImplementedError(
            "fsdp: write FullyShardedDataParallel.forward in assignment2_systems/fully_sharded.py"
        )

    def finish_gradient_synchronization(self) -> None:
        """Called after each backward pass: the gradient of each parameter is then the mean over all ranks.

        It has the shape and dtype of what this rank keeps of the parameter, and was added up in that dtype.
        """
        raise NotImplementedError(
            "fsdp: write FullyShardedDataParallel.finish_gradient_synchronization in assignment2_systems/fully_sharded.py"
        )

    def gather_full_params(self) -> dict[str, Tensor]:
        """Every parameter of the wrapped module, whole and in its own dtype, by its name there. All ranks call it."""
        raise NotImplementedError(
            "fsdp: write FullyShardedDataParallel.gather_full_params in assignment2_systems/fully_sharded.py"
        )
