"""What Triton's kernels do: each launch with its programs, its matrix products and the addresses it touches.

In the interpreter everything is seen, whichever kernel it is and however it was launched. Of compiled kernels only the
launch is; the rest is None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import numpy as np
import triton.language as tl
from torch import Tensor
from triton.runtime import interpreter, jit

from assignment2_systems.drivers import block_pointers
from assignment2_systems.drivers.pretended_gpu import pretended_gpu

Launch = dict[str, Any]
"""{"kernel": its name, "programs": how many there were, "flops": of all products, "tile": the sides of the largest
product, "strays": loads and stores of single numbers that lay in none of the tensors the kernel was given}"""


@contextmanager
def recorded_launches() -> Iterator[list[Launch]]:
    """All launches while this is entered. Stray loads read zeros, and stray stores are not made.

    Interpreted kernels, and what launches them, see tensors on a GPU, as far as they ask `is_cuda`.
    """
    launches: list[Launch] = []
    recorder = _Recorder(launches)
    builder = interpreter.InterpreterBuilder
    with ExitStack() as stack:
        stack.enter_context(block_pointers.understood())
        stack.enter_context(pretended_gpu())
        for owner, name, wrap in (
            (interpreter.GridExecutor, "__call__", recorder.launch),
            (builder, "set_grid_dim", recorder.grid),
            (builder, "create_dot", recorder.dot),
            (builder, "create_masked_load", recorder.load),
            (builder, "create_masked_store", recorder.store),
            (builder, "create_atomic_rmw", recorder.store),
            (jit.JITFunction, "run", recorder.compiled),
        ):
            stack.enter_context(mock.patch.object(owner, name, wrap(getattr(owner, name))))
        yield launches


class _Recorder:
    def __init__(self, launches: list[Launch]) -> None:
        self._launches = launches
        self._memory: list[tuple[int, np.ndarray]] = []

    def launch(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(executor: Any, *args: Any, **kwargs: Any) -> Any:
            self._launches.append(
                {"kernel": executor.fn.__name__, "programs": 0, "flops": 0, "tile": [0, 0], "strays": 0}
            )
            self._memory = [_numbers(tensor) for tensor in _tensors([*args, *kwargs.values()]) if tensor.numel()]
            return original(executor, *args, **kwargs)

        return call

    def grid(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def set_grid_dim(builder: Any, *sizes: int) -> None:
            self._launches[-1]["programs"] = int(np.prod([int(size) for size in sizes]))
            original(builder, *sizes)

        return set_grid_dim

    def dot(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def create_dot(builder: Any, a: Any, b: Any, *rest: Any) -> Any:
            launch, (*batch, m, k), n = self._launches[-1], a.data.shape, b.data.shape[-1]
            launch["flops"] += 2 * int(np.prod(batch)) * m * n * k
            launch["tile"] = max(launch["tile"], [m, n], key=np.prod)
            return original(builder, a, b, *rest)

        return create_dot

    def load(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def create_masked_load(builder: Any, pointers: Any, mask: Any, *rest: Any, **named: Any) -> Any:
            return original(builder, pointers, self._within(pointers, mask), *rest, **named)

        return create_masked_load

    def store(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Of what takes pointers and values and then, somewhere, the mask."""
        place = 3 if original.__name__ == "create_atomic_rmw" else 2

        def create_masked_store(builder: Any, *args: Any, **named: Any) -> Any:
            pointers = args[1] if place == 3 else args[0]
            return original(builder, *args[:place], self._within(pointers, args[place]), *args[place + 1 :], **named)

        return create_masked_store

    def compiled(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def run(function: Any, *args: Any, grid: Any, warmup: bool, **kwargs: Any) -> Any:
            meta = {**dict(zip(function.arg_names, args, strict=False)), **kwargs}
            sizes = grid(meta) if callable(grid) else grid
            self._launches.append(
                {
                    "kernel": function.__name__,
                    "programs": int(np.prod(sizes)),
                    **dict.fromkeys(("flops", "tile", "strays")),
                }
            )
            return original(function, *args, grid=grid, warmup=warmup, **kwargs)

        return run

    def _within(self, pointers: Any, mask: Any) -> Any:
        """The mask without the lanes that point beside all numbers of the kernel's tensors; these are counted."""
        wanted = np.broadcast_to(mask.data, pointers.data.shape)
        valid = np.zeros(pointers.data.shape, dtype=bool)
        for start, numbers in self._memory:
            place = pointers.data.astype(np.int64) - start
            inside = (place >= 0) & (place < len(numbers))
            valid[inside] |= numbers[place[inside]]
        self._launches[-1]["strays"] += int((wanted & ~valid).sum())
        return interpreter.TensorHandle(wanted & valid, tl.int1)


def _tensors(values: Any) -> Iterator[Tensor]:
    for value in values:
        value = getattr(value, "base", value) if not isinstance(value, Tensor) else value
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from _tensors(value)


def _numbers(tensor: Tensor) -> tuple[int, np.ndarray]:
    """The address where a tensor's storage begins, and which bytes from there on are the first of one of its numbers.

    Without operators of PyTorch: others may be counting those.
    """
    storage = tensor.untyped_storage()
    places = np.array(tensor.storage_offset())
    for size, stride in zip(tensor.shape, tensor.stride(), strict=True):
        places = places[..., None] + np.arange(size) * stride
    first = np.zeros(storage.nbytes(), dtype=bool)
    first[places.ravel() * tensor.itemsize] = True
    return storage.data_ptr(), first
