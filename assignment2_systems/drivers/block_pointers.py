"""Block pointers for Triton's interpreter, where Triton itself has none any more.

Kernels of earlier years were taught with `tl.make_block_ptr`, `tl.advance` and `tl.load(…, boundary_check=…)`, which
Triton removed in favour of tensor descriptors. In the interpreter they are what they always stood for: a base, strides
and offsets, from which pointers and a mask follow. Compiled kernels have what the installed Triton gives them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import triton.language as tl
from triton.language.semantic import TritonSemantic

PADDING = {"": 0.0, "zero": 0.0, "nan": float("nan")}


@contextmanager
def understood() -> Iterator[None]:
    """Interpreted kernels may use block pointers while this is entered."""
    with ExitStack() as stack:
        if not hasattr(TritonSemantic, "make_block_ptr"):
            for name, function in (
                ("make_block_ptr", _make_block_ptr),
                ("advance", _advance),
                ("load", _loading(tl.core.load)),
                ("store", _storing(tl.core.store)),
            ):
                for module in (tl, tl.core):
                    stack.enter_context(mock.patch.object(module, name, tl.core.builtin(function), create=True))
        yield


class BlockPointer:
    """A block of a tensor: where it lies, and what is needed to move it."""

    def __init__(self, base: Any, shape: Any, strides: Any, offsets: Any, block_shape: Any) -> None:
        self._base, self._shape, self._strides, self._offsets = base, shape, strides, offsets
        self._block = [_plain(size) for size in block_shape]
        self.type = self.dtype = tl.pointer_type(tl.block_type(base.dtype.element_ty, self._block))

    def advance(self, offsets: Any) -> BlockPointer:
        """The block that lies so much further along each dimension."""
        moved = [old + _plain(by) for old, by in zip(self._offsets, offsets, strict=True)]
        return BlockPointer(self._base, self._shape, self._strides, moved, self._block)

    def pointers(self, checked: Any) -> tuple[Any, Any]:
        """The pointers of all elements, and which of them lie in the tensor, by the dimensions that are `checked`."""
        pointers, inside = self._base, None
        for place, size in enumerate(self._block):
            index = _plain(self._offsets[place]) + tl.arange(0, size)
            for other in range(len(self._block)):
                if other != place:
                    index = index.expand_dims(other)
            pointers = pointers + index.to(tl.int64) * _plain(self._strides[place])
            if place in checked:
                here = (index >= 0) & (index < _plain(self._shape[place]))
                inside = here if inside is None else inside & here
        return pointers, inside


def _make_block_ptr(
    base: Any, shape: Any, strides: Any, offsets: Any, block_shape: Any, order: Any, _semantic: Any = None
) -> BlockPointer:
    return BlockPointer(base, shape, strides, [_plain(offset) for offset in offsets], block_shape)


def _advance(base: BlockPointer, offsets: Any, _semantic: Any = None) -> BlockPointer:
    return base.advance(offsets)


def _loading(original: Callable[..., Any]) -> Callable[..., Any]:
    def load(
        pointer: Any,
        mask: Any = None,
        other: Any = None,
        boundary_check: Any = (),
        padding_option: Any = "",
        *,
        _semantic: Any = None,
        **options: Any,
    ) -> Any:
        if isinstance(pointer, BlockPointer):
            pointer, mask = pointer.pointers(_dimensions(boundary_check))
            other = None if mask is None else PADDING[_plain(padding_option)]
        return original(pointer, mask, other, _semantic=_semantic, **options)

    return load


def _storing(original: Callable[..., Any]) -> Callable[..., Any]:
    def store(
        pointer: Any, value: Any, mask: Any = None, boundary_check: Any = (), *, _semantic: Any = None, **options: Any
    ) -> Any:
        if isinstance(pointer, BlockPointer):
            pointer, mask = pointer.pointers(_dimensions(boundary_check))
        return original(pointer, value, mask, _semantic=_semantic, **options)

    return store


def _dimensions(checked: Any) -> list[int]:
    checked = _plain(checked)
    return [_plain(each) for each in (checked if isinstance(checked, list | tuple) else [checked])]


def _plain(value: Any) -> Any:
    """A constant as what it is; tensors stay."""
    return value.value if isinstance(value, tl.constexpr) else value
