"""The two attention functions: outputs, gradients, what they save, what memory and kernels they use.

`kind` is "pytorch" or "triton". `is_causal` None leaves the argument out. `layout` says how q, k and v lie in memory:

- "contiguous";
- "heads": as [..., length, heads, d] with the two middle dimensions exchanged, as a model has them;
- "columns": each matrix transposed;
- "expanded": k and v of a leading size 1 stand for all of q's (their gradients are summed over it);
- "surrounded": a part of a larger tensor, with NaN on every side.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any, TypeVar

from torch import Tensor

from assignment2_systems import adapters
from assignment2_systems.drivers.live_storages import LiveStorages
from assignment2_systems.drivers.watch import Watch

T = TypeVar("T")

GAP = 3
"""How many rows and columns of NaN lie on each side of what is surrounded."""


def within_tensors(driver: Callable[..., T]) -> Callable[..., T]:
    """A driver whose kernels, where they are interpreted, neither read nor write beside their tensors.

    That would end the process, and say nothing. Tensors say that they are on a GPU (`pretended_gpu`). Its first
    argument is the kind.
    """

    @functools.wraps(driver)
    def careful(kind: str, *args: Any, **kwargs: Any) -> T:
        if kind != "triton":
            return driver(kind, *args, **kwargs)
        from assignment2_systems.drivers.kernels import recorded_launches  # here, as Triton is not to be had everywhere

        with recorded_launches():
            return driver(kind, *args, **kwargs)

    return careful


def _apply(kind: str, q: Tensor, k: Tensor, v: Tensor, is_causal: bool | None) -> Tensor:
    getters = {
        "pytorch": adapters.get_flashattention_autograd_function_pytorch,
        "triton": adapters.get_flashattention_autograd_function_triton,
    }
    function: Any = getters[kind]()
    output = function.apply(*((q, k, v) if is_causal is None else (q, k, v, is_causal)))
    if not isinstance(output, Tensor):
        raise TypeError(f"apply returned {type(output).__name__}; expected a tensor")
    return output


def _device(kind: str) -> str:
    """Where the function's tensors have to be: compiled kernels reach a GPU's memory only."""
    return "cuda" if kind == "triton" and os.environ.get("TRITON_INTERPRET") != "1" else "cpu"


def _leaves(kind: str, tensors: list[Tensor], wrt: str = "qkv") -> list[Tensor]:
    return [
        tensor.detach().to(_device(kind)).requires_grad_(name in wrt)
        for name, tensor in zip("qkv", tensors, strict=True)
    ]


def _laid_out(tensors: list[Tensor], layout: str) -> list[Tensor]:
    q, k, v = tensors
    if layout == "heads":
        return [tensor.transpose(-3, -2).contiguous().transpose(-3, -2) for tensor in tensors]
    if layout == "columns":
        return [tensor.mT.contiguous().mT for tensor in tensors]
    if layout == "expanded":
        return [q, *(tensor.expand(*q.shape[:-2], -1, -1) for tensor in (k, v))]
    if layout == "surrounded":
        return [_surrounded(tensor) for tensor in tensors]
    return tensors


def _surrounded(tensor: Tensor) -> Tensor:
    rows, columns = tensor.shape[-2:]
    room = tensor.new_full((*tensor.shape[:-2], rows + 2 * GAP, columns + 2 * GAP), float("nan"))
    inside = (..., slice(GAP, GAP + rows), slice(GAP, GAP + columns))
    room[inside] = tensor
    return room[inside]


def _sum(output: Tensor, cotangent: Tensor | None, transposed: bool = False) -> Tensor:
    """sum(output * cotangent). Without a cotangent the gradient of the output is one number, expanded; `transposed`, it
    lies column by column."""
    if cotangent is None:
        return output.sum()
    if output.shape != cotangent.shape:
        raise ValueError(f"the output has the shape {list(output.shape)}; expected {list(cotangent.shape)}")
    cotangent = cotangent.to(output.device, output.dtype)
    # Not `grad_outputs=cotangent`, which imports sympy: a third of a second in every fresh process.
    return (output.mT * cotangent.mT.contiguous()).sum() if transposed else (output * cotangent).sum()


@within_tensors
def attention(kind: str, q: Tensor, k: Tensor, v: Tensor, is_causal: bool | None, layout: str = "contiguous") -> Tensor:
    """The output."""
    tensors = _laid_out(_leaves(kind, [q, k, v], wrt=""), layout)
    return _apply(kind, *tensors, is_causal).detach().cpu()


@within_tensors
def attention_gradients(
    kind: str,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    is_causal: bool | None,
    cotangent: Tensor | None,
    layout: str = "contiguous",
    wrt: str = "qkv",
    transposed: bool = False,
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """The gradients of sum(output * cotangent) by q, k and v; None for those not in `wrt`."""
    leaves = _leaves(kind, [q, k, v], wrt)
    output = _apply(kind, *_laid_out(leaves, layout), is_causal)
    _sum(output, cotangent, transposed).backward()
    return _gradients(leaves)


@within_tensors
def gradients_of_two_calls(
    kind: str, first: list[Tensor], second: list[Tensor], first_is_causal: bool, second_is_causal: bool
) -> tuple[tuple[Tensor | None, Tensor | None, Tensor | None], tuple[Tensor | None, Tensor | None, Tensor | None]]:
    """Two calls, then the backward passes of both, the first's first: the gradients of each.

    Each list is q, k, v and a cotangent.
    """
    leaves = [_leaves(kind, tensors[:3]) for tensors in (first, second)]
    outputs = [
        _apply(kind, *each, is_causal)
        for each, is_causal in zip(leaves, (first_is_causal, second_is_causal), strict=True)
    ]
    for output, tensors in zip(outputs, (first, second), strict=True):
        _sum(output, tensors[3]).backward()
    return _gradients(leaves[0]), _gradients(leaves[1])


def _gradients(leaves: list[Tensor]) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    q, k, v = (None if leaf.grad is None else leaf.grad.cpu() for leaf in leaves)
    return q, k, v


@within_tensors
def saved_by_attention(
    kind: str, q: Tensor, k: Tensor, v: Tensor, is_causal: bool | None
) -> tuple[Tensor, list[Tensor], list[Tensor]]:
    """The output, all tensors saved for the backward pass, and q, k and v as they are after the call."""
    leaves = _leaves(kind, [q, k, v])
    output = _apply(kind, *leaves, is_causal)
    saved = getattr(output.grad_fn, "saved_tensors", None)
    if saved is None:
        raise TypeError("the output has no grad_fn with saved tensors; expected that of an autograd.Function")
    tensors = [tensor.detach().cpu() for tensor in saved if isinstance(tensor, Tensor)]
    return output.detach().cpu(), tensors, [leaf.detach().cpu() for leaf in leaves]


@within_tensors
def attention_memory(
    kind: str, q: Tensor, k: Tensor, v: Tensor, is_causal: bool, cotangent: Tensor | None = None
) -> dict[str, int]:
    """Bytes of tensors that a call made: "largest" of one, "peak" of those alive together, "kept" after it.

    Without a cotangent that is the forward pass; with one the backward pass, whose inputs do not count.
    """
    leaves = _leaves(kind, [q, k, v])
    if cotangent is None:
        with LiveStorages(leaves) as storages:
            output = _apply(kind, *leaves, is_causal)
        return {"largest": storages.largest, "peak": storages.peak, "kept": storages.bytes()}
    output = _apply(kind, *leaves, is_causal)
    total = _sum(output, cotangent)
    with LiveStorages([*leaves, output]) as storages:
        total.backward()
    return {"largest": storages.largest, "peak": storages.peak, "kept": storages.bytes()}


class _Operators(Watch):
    """Notes the names of the operators that reach PyTorch's dispatcher."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def noted(self, operator: str, result: Any) -> None:
        self.names.add(operator)


@within_tensors
def operators_of_attention(
    kind: str, q: Tensor, k: Tensor, v: Tensor, is_causal: bool, cotangent: Tensor | None = None
) -> list[str]:
    """The names of PyTorch's operators that the forward pass used, or, given a cotangent, the backward pass."""
    leaves = _leaves(kind, [q, k, v])
    if cotangent is None:
        with _Operators() as operators:
            _apply(kind, *leaves, is_causal)
        return sorted(operators.names)
    total = _sum(_apply(kind, *leaves, is_causal), cotangent)
    with _Operators() as operators:
        total.backward()
    return sorted(operators.names)


def kernel_launches(
    q: Tensor, k: Tensor, v: Tensor, is_causal: bool, cotangent: Tensor | None = None, layout: str = "contiguous"
) -> list[dict[str, Any]]:
    """The launches of a forward pass, or, given a cotangent, of a backward pass; see `kernels.Launch`."""
    from assignment2_systems.drivers.kernels import recorded_launches  # here, as Triton is not to be had everywhere

    leaves = _leaves("triton", [q, k, v])
    tensors = _laid_out(leaves, layout)
    if cotangent is None:
        with recorded_launches() as launches:
            _apply("triton", *tensors, is_causal)
        return launches
    with recorded_launches():
        total = _sum(_apply("triton", *tensors, is_causal), cotangent)
    with recorded_launches() as launches:
        total.backward()
    return launches
