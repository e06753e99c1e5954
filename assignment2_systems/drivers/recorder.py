"""What a rank communicates: each collective with the phase of training it began in, its size and its dtype.

Sees what reaches PyTorch's dispatcher from the thread of the rank (on a CPU the hooks of a backward pass run there,
too), and each wait for an asynchronous operation. Does not see: pipes, files and sockets of one's own; those are
noticed by what the ranks hold afterwards, which depends on data that only the other ranks have.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from assignment2_systems.drivers.watch import Watch

NAMES = {
    "allreduce_": "all_reduce",
    "allreduce_coalesced_": "all_reduce",
    "all_reduce_": "all_reduce",
    "all_reduce_coalesced": "all_reduce",
    "broadcast_": "broadcast",
    "reduce_": "reduce",
    "allgather_": "all_gather",
    "_allgather_base_": "all_gather",
    "allgather_coalesced_": "all_gather",
    "allgather_into_tensor_coalesced_": "all_gather",
    "all_gather_into_tensor": "all_gather",
    "reduce_scatter_": "reduce_scatter",
    "_reduce_scatter_base_": "reduce_scatter",
    "reduce_scatter_tensor": "reduce_scatter",
    "reduce_scatter_tensor_coalesced_": "reduce_scatter",
    "gather_": "gather",
    "scatter_": "scatter",
    "alltoall_": "all_to_all",
    "alltoall_base_": "all_to_all",
    "recv_": "recv",
    "recv_any_source_": "recv",
}
"""PyTorch's operators by the name of the collective they are."""

Event = dict[str, Any]


class Recorder(Watch):
    """Notes collectives while it is entered. `phase` names the part of the work that is being done; set it as it changes.

    An event is {"phase", "operation", "numel", "dtype", "bytes"}: of the whole tensor that the ranks make or share
    (the gathered one, the one before scattering), not of a rank's part. A wait is an event of operation "wait",
    with the place in `events` of nothing: waits come in the order of time among the others.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__()
        self.phase = "begin"
        self.events: list[Event] = []
        self._tell = tell

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func.namespace in ("c10d", "_c10d_functional", "_c10d_functional_autograd"):
            self._note(func.overloadpacket.__name__, args)
        return func(*args, **(kwargs or {}))

    def _note(self, operator: str, arguments: Any) -> None:
        if operator == "wait_tensor":
            self.wait()
            return
        name = NAMES.get(operator, operator)
        found = max((list(_tensors(argument)) for argument in arguments[:2]), key=_numel, default=[])
        numel, dtype = _numel(found), str(found[0].dtype).removeprefix("torch.") if found else ""
        if operator == "all_gather_into_tensor":  # a functional collective names its input only
            numel *= dist.get_world_size()
        self.events.append(
            {
                "phase": self.phase,
                "operation": name,
                "numel": numel,
                "dtype": dtype,
                "bytes": numel * found[0].itemsize if found else 0,
            }
        )
        self._tell(f"{name} of {numel} {dtype} (phase: {self.phase})")

    def wait(self) -> None:
        """Note that the rank waits for an operation."""
        self.events.append({"phase": self.phase, "operation": "wait", "numel": 0, "dtype": "", "bytes": 0})


@contextmanager
def recording(tell: Callable[[str], None]) -> Iterator[Recorder]:
    """A recorder that also sees the waits, whether for a `Work` or for its future."""
    recorder = Recorder(tell)
    methods = [(dist.Work, "wait"), (torch._C.Future, "wait")]
    before = [getattr(owner, name) for owner, name in methods]
    for (owner, name), method in zip(methods, before, strict=True):
        setattr(owner, name, _announced(method, recorder))
    try:
        with recorder:
            yield recorder
    finally:
        for (owner, name), method in zip(methods, before, strict=True):
            setattr(owner, name, method)


def _announced(method: Callable[..., Any], recorder: Recorder) -> Callable[..., Any]:
    own = threading.get_ident()

    def announced(self: Any, *args: Any, **kwargs: Any) -> Any:
        if threading.get_ident() == own:  # a callback of a future runs in a thread of the back end's
            recorder.wait()
        return method(self, *args, **kwargs)

    return announced


def _tensors(argument: Any) -> Iterator[Tensor]:
    if isinstance(argument, Tensor):
        yield argument
    elif isinstance(argument, list | tuple):
        for each in argument:
            yield from _tensors(each)


def _numel(tensors: list[Tensor]) -> int:
    return sum(tensor.numel() for tensor in tensors)
