"""Packed instructions and their batches: data sets and iterables are objects, so they are used here."""

from itertools import islice
from typing import Any

from torch import Tensor
from torch.utils.data import Dataset

from assignment5_alignment import adapters, models
from assignment5_alignment.drivers.workplace import workplace

FILE = "instructions.jsonl"
MOST = 1000
"""Rows and batches are brought back up to this many: a hand-in may claim any number."""


class _Rows(Dataset):
    """The rows of two tensors, as a data set of dicts."""

    def __init__(self, input_ids: Tensor, labels: Tensor) -> None:
        self._columns = {"input_ids": input_ids, "labels": labels}

    def __len__(self) -> int:
        return len(self._columns["labels"])

    def __getitem__(self, i: int) -> dict[str, Tensor]:
        return {name: column[i] for name, column in self._columns.items()}


def packed_dataset(tokenizer: str, content: bytes, seq_length: int, shuffle: bool) -> dict[str, Any]:
    """`get_packed_sft_dataset` of a file that holds `content`, with the small tokenizer of that name.

    Returns:
        {"length": of the data set, "rows": its rows in order}.
    """
    with workplace({FILE: content}) as place:
        dataset = adapters.get_packed_sft_dataset(models.tokenizer(tokenizer), place / FILE, seq_length, shuffle)
        length = len(dataset)
        return {"length": length, "rows": [dataset[i] for i in range(min(length, MOST))]}


def packed_rows_end(tokenizer: str, content: bytes, seq_length: int) -> bool:
    """Whether the row after the last of `get_packed_sft_dataset` raises IndexError."""
    with workplace({FILE: content}) as place:
        dataset = adapters.get_packed_sft_dataset(models.tokenizer(tokenizer), place / FILE, seq_length, False)
        try:
            dataset[len(dataset)]
        except IndexError:
            return True
        return False


def batches(input_ids: Tensor, labels: Tensor, batch_size: int, shuffle: bool) -> dict[str, Any]:
    """`run_iterate_batches` over the rows of two tensors: {"length": as `len()` says, "batches": one pass}."""
    passed = adapters.run_iterate_batches(_Rows(input_ids, labels), batch_size, shuffle)
    return {"length": len(passed), "batches": list(islice(passed, MOST))}
