"""Where the memory of a forward pass goes, how to read a record of allocations, and what attention keeps.

B sequences of T tokens, width d, inner width f, h heads, V words in the vocabulary; activations are float32, of four
bytes, unless a function is told otherwise. 1 MiB is 2^20 bytes.
"""

import math
from collections.abc import Sequence

MIB = 2**20
FLOAT32 = 4


def residual_stream_mib(B: int, T: int, d: int) -> float:
    """The MiB of one tensor of the residual stream."""
    return FLOAT32 * B * T * d / MIB


def largest_forward_allocation(B: int, T: int, d: int, f: int, h: int, V: int) -> tuple[str, float]:
    """The name and the MiB of the largest tensor that a forward pass of a Transformer makes.

    The candidates: "residual_stream" [B, T, d]; "feed_forward", its inner activation [B, T, f]; "attention_scores"
    [B, h, T, T]; "logits" [B, T, V]. Of equal ones either may be named.
    """
    numbers = {
        "residual_stream": B * T * d,
        "feed_forward": B * T * f,
        "attention_scores": B * h * T * T,
        "logits": B * T * V,
    }
    name = max(numbers, key=numbers.__getitem__)
    return name, FLOAT32 * numbers[name] / MIB


def peak_of_trace(trace: Sequence[tuple[str, int, int]]) -> dict[str, int]:
    """What a record of allocations says about the peak. Its events are ("alloc" or "free", address, bytes), in order.

    An address can be allocated anew once it is free. A block that is freed but was allocated before the record began
    is not counted at all.

    Keys: "peak", the most bytes allocated at any time; "at", the index of the event that first reached it, -1 if
    nothing was ever allocated; "largest", the bytes of the largest block alive then, 0 if none; "left", the bytes
    still allocated at the end.
    """
    alive: dict[int, int] = {}
    found = {"peak": 0, "at": -1, "largest": 0}
    for index, (kind, address, size) in enumerate(trace):
        if kind == "free":
            alive.pop(address, None)
            continue
        alive[address] = size
        total = sum(alive.values())
        if total > found["peak"]:
            found = {"peak": total, "at": index, "largest": max(alive.values())}
    return {**found, "left": sum(alive.values())}


def attention_saved_bytes(B: int, T: int, d: int, dtype_bytes: int) -> int:
    """The bytes that plain attention keeps for its backward pass, for B heads of T queries and keys of width d.

    softmax(Q K^T / sqrt(d)) V without a mask, by PyTorch's matmul and softmax: Q, K and V, which the two products
    need, and the probabilities, which the softmax and the second product share. The scores are not kept: to multiply
    them by a number needs no tensor in its backward pass, and that of the softmax asks for its result.
    """
    inputs = 3 * B * T * d
    probabilities = B * T * T
    return dtype_bytes * (inputs + probabilities)


def largest_attention_length(memory_bytes: int, B: int, d: int, dtype_bytes: int) -> int:
    """The largest T for which `attention_saved_bytes` is at most `memory_bytes`; 0 if none is."""
    budget = memory_bytes // (B * dtype_bytes)  # T (T + 3 d) <= budget
    return (math.isqrt(9 * d * d + 4 * budget) - 3 * d) // 2
