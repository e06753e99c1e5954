"""Batches: where they come from, and what they leave alone."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import numpy
import torch
from numpy.typing import NDArray
from torch import Tensor

from assignment1_basics import adapters
from assignment1_basics.drivers.construction import described


def batches_after_seeds(
    dataset: NDArray, batch_size: int, context_length: int, seeds: list[int | None]
) -> list[tuple[Tensor, Tensor]]:
    """A batch for each seed, drawn after seeding every global generator with it (None: without seeding)."""
    batches = []
    for seed in seeds:
        if seed is not None:
            random.seed(seed)
            numpy.random.seed(seed)
            torch.manual_seed(seed)
        batches.append(adapters.run_get_batch(dataset, batch_size, context_length, "cpu"))
    return batches


def batch_placement(
    dataset: NDArray, batch_size: int, context_length: int, device: str
) -> list[tuple[list[int], str, str]]:
    """Shape, dtype and device of both tensors."""
    return [described(tensor) for tensor in adapters.run_get_batch(dataset, batch_size, context_length, device)]


def batch_overwritten(dataset: NDArray, batch_size: int, context_length: int) -> tuple[Tensor, Tensor, Tensor]:
    """Draw a batch and overwrite its inputs; the targets before and after that, and the dataset after it."""
    inputs, targets = adapters.run_get_batch(dataset, batch_size, context_length, "cpu")
    before = targets.clone()
    inputs.fill_(-1)
    return before, targets, torch.from_numpy(dataset)


def batch_from_memory_map(dataset: NDArray, batch_size: int, context_length: int) -> tuple[Tensor, Tensor]:
    """A batch from a memory map of a file that holds `dataset`."""
    with tempfile.NamedTemporaryFile() as file:
        dataset.tofile(file.name)
        mapped = numpy.memmap(file.name, dtype=dataset.dtype, mode="c")
        return adapters.run_get_batch(mapped, batch_size, context_length, "cpu")


def bytes_read_for_a_batch(tokens: int, batch_size: int, context_length: int) -> int | None:
    """How much of a memory-mapped file of `tokens` uint16 zeros is in memory after a batch was drawn from it.

    None where the operating system does not tell (it does on Linux).
    """
    with tempfile.NamedTemporaryFile() as file:
        file.truncate(2 * tokens)
        mapped = numpy.memmap(file.name, dtype=numpy.uint16, mode="c")
        adapters.run_get_batch(mapped, batch_size, context_length, "cpu")
        maps = Path("/proc/self/smaps")
        return _resident(maps.read_text().splitlines(), file.name) if maps.is_file() else None


def _resident(maps: list[str], path: str) -> int:
    """The resident bytes of a file's mappings: the first line of each ends in the path, `Rss:` follows."""
    total, inside = 0, False
    for line in maps:
        first = line.split(maxsplit=1)[0]
        if not first.endswith(":"):
            inside = line.endswith(path)
        elif inside and first == "Rss:":
            total += 1024 * int(line.split()[1])
    return total
