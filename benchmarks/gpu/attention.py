"""Measures causal attention on a GPU, in a tree whose assignment holds the code to measure. Prints rows as JSON.

Outputs and gradients are compared with the peer's before anything is timed. The peer is the flash backend of PyTorch's
`scaled_dot_product_attention`, or where that has no float32 the memory-efficient one; naive is all scores at once.
"""

import json
import math
import sys
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
import triton
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from assignment2_systems import adapters
from benchmarks.gpu.table import PASSES, Row

PEERS = {
    torch.bfloat16: ("flash", SDPBackend.FLASH_ATTENTION),
    torch.float32: ("memory-efficient", SDPBackend.EFFICIENT_ATTENTION),
}
TOLERANCE = {torch.bfloat16: 2e-2, torch.float32: 1e-3}
"""Relative, in the root mean square."""

Attention = Callable[[Tensor, Tensor, Tensor], Tensor]


def naive(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attention with all its scores in memory."""
    length = q.shape[-2]
    hidden = torch.ones(length, length, dtype=torch.bool, device=q.device).triu(1)
    scores = (q @ k.mT / math.sqrt(q.shape[-1])).masked_fill(hidden, -math.inf)
    return torch.softmax(scores, dim=-1) @ v


def peer(backend: SDPBackend, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    with sdpa_kernel(backend):
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)


def milliseconds(attention: Attention, tensors: list[Tensor], what: str) -> float | None:
    """The median time of a pass; None where it does not fit into the GPU's memory."""
    grad = torch.randn_like(tensors[0])

    def once() -> None:
        output = attention(*tensors)
        if what != "forward":
            torch.autograd.grad(output, tensors, grad)

    try:
        return float(triton.testing.do_bench(once, return_mode="median"))
    except torch.cuda.OutOfMemoryError:
        torch.cuda.empty_cache()
        return None


def compare(ours: Attention, theirs: Attention, tensors: list[Tensor], tolerance: float) -> None:
    """Raises `RuntimeError` where outputs or gradients differ."""
    grad = torch.randn_like(tensors[0])
    found = []
    for attention in (ours, theirs):
        output = attention(*tensors)
        found.append([output, *torch.autograd.grad(output, tensors, grad)])
    for name, one, other in zip(("output", "dQ", "dK", "dV"), *found, strict=True):
        error = float((one.float() - other.float()).norm() / other.float().norm())
        if not error <= tolerance:
            raise RuntimeError(f"{name} of the kernels is {error:.2g} off the peer's; expected at most {tolerance:g}")


def rows(dtype: torch.dtype, d: int, length: int, heads: int) -> list[Row]:
    """Both passes of one case."""
    torch.manual_seed(0)
    tensors = [torch.randn(1, heads, length, d, device="cuda", dtype=dtype, requires_grad=True) for _ in range(3)]
    function = adapters.get_flashattention_autograd_function_triton()
    name, backend = PEERS[dtype]

    def ours(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return function.apply(q, k, v, True)

    theirs = partial(peer, backend)
    compare(ours, theirs, tensors, TOLERANCE[dtype])
    return [
        Row(
            dtype=str(dtype).removeprefix("torch."),
            d=d,
            length=length,
            heads=heads,
            what=what,
            triton=milliseconds(ours, tensors, what),
            peer=name,
            peer_time=milliseconds(theirs, tensors, what),
            naive=milliseconds(naive, tensors, what),
        )
        for what in PASSES
    ]


if __name__ == "__main__":
    case = json.loads(sys.argv[1])
    found = rows(getattr(torch, case["dtype"]), case["d"], case["length"], case["heads"])
    print(json.dumps([row.as_json() for row in found]))
