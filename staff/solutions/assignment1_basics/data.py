"""Sampling training batches from a long array of token ids."""

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Int
from torch import Tensor


def get_batch(
    dataset: npt.NDArray, batch_size: int, context_length: int, device: str
) -> tuple[Int[Tensor, "batch_size context_length"], Int[Tensor, "batch_size context_length"]]:
    """Windows of `dataset` and, for each of their positions, the token that follows it.

    Starts are drawn from torch's global generator, with replacement. Only the windows are read, one slice
    each, so a memory map may be larger than memory.
    """
    starts = len(dataset) - context_length  # the last window still has a token after it
    if starts < 1:
        raise ValueError(f"get_batch got {len(dataset)} tokens; expected more than context_length = {context_length}")
    windows = np.stack(  # [batch_size, context_length + 1]
        [
            np.asarray(dataset[start : start + context_length + 1], dtype=np.int64)
            for start in torch.randint(starts, (batch_size,)).tolist()
        ]
    )
    inputs, targets = (torch.from_numpy(part.copy()) for part in (windows[:, :-1], windows[:, 1:]))
    return inputs.to(device), targets.to(device)
