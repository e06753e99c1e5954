"""Where kernels are interpreted: tensors on the CPU that say they are on a GPU, for as long as it is asked for.

Many a kernel's launch begins with `assert q.is_cuda`, or with `torch.cuda.device(q.device)`, makes its outputs with
`device="cuda"` or waits by `torch.cuda.synchronize()`, which is right on a GPU and would refuse the interpreter's tensors.
PyTorch itself looks at devices in C++, which sees no difference. Not covered: `q.device`, which stays the CPU, as new
tensors have to be made there; other ways of asking.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any
from unittest import mock

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode


@contextmanager
def pretended_gpu() -> Iterator[None]:
    """`Tensor.is_cuda` is true, `torch.cuda.device(...)` does nothing, and what is to be on the GPU is here.

    Without the interpreter all stays as it is. Not to be entered where ranks talk to each other: gloo believes `is_cuda`.
    """
    with ExitStack() as stack:
        if os.environ.get("TRITON_INTERPRET") == "1":
            stack.enter_context(mock.patch.object(torch.Tensor, "is_cuda", property(lambda tensor: True)))
            stack.enter_context(mock.patch.object(torch.cuda, "device", nullcontext))
            stack.enter_context(mock.patch.object(torch.cuda, "synchronize", nothing_to_wait_for))
            stack.enter_context(_Here())
        yield


def nothing_to_wait_for(device: object = None) -> None:
    """`torch.cuda.synchronize` where there is no GPU."""


class _Here(TorchFunctionMode):
    """Tensors that are asked for on the GPU are made here, or stay."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = {
            name: "cpu" if name == "device" and _is_gpu(value) else value for name, value in (kwargs or {}).items()
        }
        if func is Tensor.cuda:
            return args[0]
        if func is Tensor.to:
            args = tuple("cpu" if _is_gpu(value) else value for value in args)
        return func(*args, **kwargs)


def _is_gpu(value: object) -> bool:
    return isinstance(value, str | torch.device) and str(value).partition(":")[0] == "cuda"
