"""Instructions with their responses, packed into rows of equal length, and rows into batches."""

import json
import os
import random
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

ALPACA_TEMPLATE = (
    "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
    "### Instruction:\n{prompt}\n\n### Response:\n{response}"
)
"""The form of Alpaca's data (Taori et al. 2023), for instructions without a further input."""


class PackedSFTDataset(Dataset):
    """The documents of a file, one behind another, cut into rows."""

    def __init__(self, tokenizer: Any, dataset_path: str | os.PathLike, seq_length: int, shuffle: bool) -> None:
        """Read the file at `dataset_path`: JSON, one object a line, with the texts "prompt" and "response"."""
        with open(dataset_path, encoding="utf-8") as file:  # lines end in newlines here; splitlines() knows other ends
            documents = [json.loads(line) for line in file if line.strip()]
        if shuffle:
            random.shuffle(documents)
        stream: list[int] = []
        for document in documents:
            text = ALPACA_TEMPLATE.format(prompt=document["prompt"], response=document["response"])
            stream += [*tokenizer.encode(text), tokenizer.eos_token_id]
        rows = max(len(stream) - 1, 0) // seq_length  # the last label needs one token more than the rows have
        self._inputs = torch.tensor(stream[: rows * seq_length], dtype=torch.int64).view(rows, seq_length)
        self._labels = torch.tensor(stream[1 : rows * seq_length + 1], dtype=torch.int64).view(rows, seq_length)

    def __len__(self) -> int:
        """Rows that have all their tokens and labels."""
        return len(self._inputs)

    def __getitem__(self, i: int) -> dict[str, Tensor]:
        """Row `i`: its `seq_length` "input_ids", and as "labels" the token that follows each; int64.

        Raises:
            IndexError: there is no row `i`.
        """
        return {"input_ids": self._inputs[i], "labels": self._labels[i]}


def iterate_batches(dataset: Dataset, batch_size: int, shuffle: bool) -> Iterable[dict[str, Tensor]]:
    """Every row once, `batch_size` at a time and the rest at the end; in order, or in an order of chance."""
    return DataLoader(dataset, batch_size=batch_size, shuffle=shuffle)
