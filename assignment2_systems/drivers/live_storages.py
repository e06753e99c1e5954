"""How much memory tensors hold, counted by their storages: views cost nothing, a freed or emptied storage neither.

Sees what operators of this thread return while it is entered (and what was told by `watch`), also what only
autograd keeps. Does not see numpy arrays and lists of numbers.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from assignment2_systems.drivers.watch import Watch


class LiveStorages(Watch):
    """Counts the bytes of all storages seen that still live; `peak` is the most there were after an operator.

    Storages that lived before are not counted, unless they are given to `watch`.
    """

    def __init__(self, known: Iterable[Tensor] = ()) -> None:
        super().__init__()
        self._alive: dict[int, weakref.ref[torch.UntypedStorage]] = {}
        self._known = {id(tensor.untyped_storage()) for tensor in known}
        self._keep = list(known)  # a storage that died would lend its id to another
        self.peak = 0
        self.largest = 0

    def noted(self, operator: str, result: Any) -> None:
        fresh = self.watch(result)
        if fresh:
            self.largest = max(self.largest, fresh)
            self.peak = max(self.peak, self.bytes())

    def watch(self, value: Any) -> int:
        """Count the tensors in a (nested) value from now on; the bytes of the largest one that is new."""
        largest = 0
        if isinstance(value, Tensor):
            storage = value.untyped_storage()
            number = id(storage)
            if number not in self._alive and number not in self._known:
                self._alive[number] = weakref.ref(storage, lambda _: self._alive.pop(number, None))
                largest = storage.nbytes()
        elif isinstance(value, list | tuple):
            for each in value:
                largest = max(largest, self.watch(each))
        return largest

    def bytes(self, least: int = 0) -> int:
        """The bytes of the storages that live now, of those with at least `least` bytes each."""
        return sum(self._sizes(least))

    def count(self, least: int) -> int:
        """How many storages of at least `least` bytes live now."""
        return len(self._sizes(least))

    def _sizes(self, least: int) -> list[int]:
        living = [storage for reference in list(self._alive.values()) if (storage := reference()) is not None]
        return [size for storage in living if (size := storage.nbytes()) >= least]
