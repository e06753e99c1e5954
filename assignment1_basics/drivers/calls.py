"""One adapter, called with autograd or with an eye on its arguments."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from assignment1_basics import adapters
from assignment1_basics.drivers.gradients import gradients_of, tensor_from


def call_with_gradients(
    name: str, arguments: dict[str, Any], wrt: list[str], cotangent: Tensor
) -> tuple[Tensor, dict[str, Tensor | None]]:
    """Call the adapter `name`; return its output and the gradients of sum(output * cotangent).

    `wrt` names the arguments to differentiate by. A gradient is None where no path leads from the argument to
    the output.
    """
    leaves = {key: arguments[key].detach().clone().requires_grad_() for key in wrt}
    output = tensor_from(name, getattr(adapters, name)(**{**arguments, **leaves}))
    gradients = gradients_of(output, list(leaves.values()), cotangent)
    return output.detach(), dict(zip(leaves, gradients, strict=True))


def call_keeping_arguments(name: str, arguments: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Call the adapter `name`; return its result and the arguments as they are after the call."""
    result = getattr(adapters, name)(**arguments)
    return result, arguments


def result_or_refusal(name: str, arguments: dict[str, Any]) -> Any:
    """Call the adapter `name`; return its result, or None where it raised."""
    try:
        return getattr(adapters, name)(**arguments)
    except NotImplementedError:
        raise
    except Exception:
        return None


class MatmulRecorder(TorchDispatchMode):
    """Notes the operand shapes of every matrix product that reaches the dispatcher."""

    def __init__(self) -> None:
        super().__init__()
        self.shapes: list[tuple[list[int], list[int]]] = []

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # skipping it would import the whole compiler first, which takes a second

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        operator = func.overloadpacket.__name__
        if operator in ("mm", "bmm", "mv", "addmm", "baddbmm", "addmv"):
            left, right = args[1:3] if "add" in operator else args[:2]
            self.shapes.append((list(left.shape), list(right.shape)))
        return func(*args, **(kwargs or {}))


def matmul_shapes(name: str, arguments: dict[str, Any]) -> list[tuple[list[int], list[int]]]:
    """Call the adapter `name`; return both operands' shapes for every matrix product it made, in order."""
    with MatmulRecorder() as recorder:
        getattr(adapters, name)(**arguments)
    return recorder.shapes
