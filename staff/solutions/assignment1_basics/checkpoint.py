"""Saving the state of a training run, and taking the run up again."""

import os
from pathlib import Path
from typing import IO, BinaryIO

import torch


def save_checkpoint(
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    iteration: int,
    out: str | os.PathLike[str] | BinaryIO | IO[bytes],
) -> None:
    """Write model, optimizer and iteration to `out`, a path or an open binary file.

    A path never holds half a checkpoint: the file is written beside it, forced to disk and then renamed, so
    an interrupted or failed write leaves what was there before.
    """
    checkpoint = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "iteration": iteration}
    if not isinstance(out, str | os.PathLike):
        torch.save(checkpoint, out)
        return
    path = Path(out)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        with unfinished.open("wb") as file:
            torch.save(checkpoint, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def load_checkpoint(
    src: str | os.PathLike[str] | BinaryIO | IO[bytes],
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
) -> int:
    """Restore what `save_checkpoint` wrote into `model` and `optimizer`, and return the iteration.

    `weights_only` keeps a file from elsewhere from running code. Everything is read to the CPU, whatever
    device it was saved from; the two `load_state_dict` take it to where model and optimizer are.
    """
    checkpoint = torch.load(src, map_location="cpu", weights_only=True)
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    iteration: int = checkpoint["iteration"]
    return iteration
