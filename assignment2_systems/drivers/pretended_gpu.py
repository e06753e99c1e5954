"""Where kernels are interpreted: tensors on the CPU that say they are on a GPU, for as long as it is asked for.

Many a kernel's launch begins with `assert q.is_cuda`, or with `torch.cuda.device(q.device)`, which is right on a GPU and
would refuse the interpreter's tensors. PyTorch itself looks at devices in C++, which sees no difference. Not covered:
`q.device`, which stays the CPU, as new tensors have to be made there; other ways of asking.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from unittest import mock

import torch


@contextmanager
def pretended_gpu() -> Iterator[None]:
    """`Tensor.is_cuda` is true, and `torch.cuda.device(...)` does nothing. Without the interpreter all stays as it is.

    Not to be entered where ranks talk to each other: gloo believes `is_cuda`.
    """
    with ExitStack() as stack:
        if os.environ.get("TRITON_INTERPRET") == "1":
            stack.enter_context(mock.patch.object(torch.Tensor, "is_cuda", property(lambda tensor: True)))
            stack.enter_context(mock.patch.object(torch.cuda, "device", nullcontext))
        yield
