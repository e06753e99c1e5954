"""Sampling training batches from a long array of token ids."""

import numpy.typing as npt
from jaxtyping import Int
from torch import Tensor


def get_batch(
    dataset: npt.NDArray, batch_size: int, context_length: int, device: str
) -> tuple[Int[Tensor, "batch_size context_length"], Int[Tensor, "batch_size context_length"]]:
    """Windows of `dataset` and, for each of their positions, the token that follows it.

    dataset: one dimension, any integer dtype, perhaps a memory map larger than memory: only the windows are
    read. Each start is drawn independently and uniformly from all that leave room for the window and one more
    token. Both tensors are int64 on `device`. The draws follow torch's global generator or numpy's (either
    will do).
    """
    raise NotImplementedError("data_loading: write get_batch in assignment1_basics/data.py")
