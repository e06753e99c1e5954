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
from torch.utils._python_dispatch import TorchDispatchMode


class LiveStorages(TorchDispatchMode):
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

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # skipping it would import the whole compiler first, which takes a second

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        fresh = self.watch(result)
        if fresh:
            self.largest = max(self.largest, fresh)
            self.peak = max(self.peak, self.bytes())
        return result

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
        sizes = [storage.nbytes() for reference in list(self._alive.values()) if (storage := reference()) is not None]
        return sum(size for size in sizes if size >= least)

    def count(self, least: int) -> int:
        """How many storages of at least `least` bytes live now."""
        return sum(
            storage.nbytes() >= least
            for reference in list(self._alive.values())
            if (storage := reference()) is not None
        )
