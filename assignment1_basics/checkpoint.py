"""Saving the state of a training run, and taking the run up again."""

import os
from typing import IO, BinaryIO

import torch


def save_checkpoint(
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    iteration: int,
    out: str | os.PathLike[str] | BinaryIO | IO[bytes],
) -> None:
    """Write all that `load_checkpoint` needs to `out`, a path or an open binary file.

    The result can be read by `torch.load(..., weights_only=True)`. Neither model nor optimizer changes.
    """
    raise NotImplementedError("checkpointing: write save_checkpoint in assignment1_basics/checkpoint.py")


def load_checkpoint(
    src: str | os.PathLike[str] | BinaryIO | IO[bytes],
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
) -> int:
    """Restore what `save_checkpoint` wrote into `model` and `optimizer`, and return the iteration.

    Both stay on the device they are on, wherever the checkpoint was written.
    """
    raise NotImplementedError("checkpointing: write load_checkpoint in assignment1_basics/checkpoint.py")
