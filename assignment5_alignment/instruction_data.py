"""Instructions with their responses, packed into rows of equal length, and rows into batches."""

import os
from collections.abc import Iterable
from typing import Any

from torch import Tensor
from torch.utils.data import Dataset

ALPACA_TEMPLATE = (
    "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
    "### Instruction:\n{prompt}\n\n### Response:\n{response}"
)
"""The form of Alpaca's data (Taori et al. 2023), for instructions without a further input."""


class PackedSFTDataset(Dataset):
    """The documents of a file, one behind another, cut into rows."""

    def __init__(self, tokenizer: Any, dataset_path: str | os.PathLike, seq_length: int, shuffle: bool) -> None:
        """Read the file at `dataset_path`: JSON, one object a line, with the texts "prompt" and "response".

        Args:
            tokenizer: one of transformers'; it adds what it adds to a text by default, and has an `eos_token_id`.
            seq_length: tokens in a row.
            shuffle: whether the documents are put in an order of chance before they are packed.
        """
        raise NotImplementedError("data_loading: write PackedSFTDataset in assignment5_alignment/instruction_data.py")

    def __len__(self) -> int:
        """Rows that have all their tokens and labels."""
        raise NotImplementedError("data_loading: write PackedSFTDataset in assignment5_alignment/instruction_data.py")

    def __getitem__(self, i: int) -> dict[str, Tensor]:
        """Row `i`: its `seq_length` "input_ids", and as "labels" the token that follows each; int64.

        Raises:
            IndexError: there is no row `i`.
        """
        raise NotImplementedError("data_loading: write PackedSFTDataset in assignment5_alignment/instruction_data.py")


def iterate_batches(dataset: Dataset, batch_size: int, shuffle: bool) -> Iterable[dict[str, Tensor]]:
    """Every row once, `batch_size` at a time and the rest at the end; in order, or in an order of chance.

    A batch has the keys of a row, and tensors with one dimension more, the first. `len()` is the number of batches.
    """
    raise NotImplementedError("data_loading: write iterate_batches in assignment5_alignment/instruction_data.py")
