"""Where the memory of a forward pass goes, how to read a record of allocations, and what attention keeps.

B sequences of T tokens, width d, inner width f, h heads, V words in the vocabulary; activations are float32, of four
bytes, unless a function is told otherwise. 1 MiB is 2^20 bytes.
"""

from collections.abc import Sequence


def residual_stream_mib(B: int, T: int, d: int) -> float:
    """The MiB of one tensor of the residual stream."""
    raise NotImplementedError("memory_profiling: write residual_stream_mib in assignment2_systems/memory.py")


def largest_forward_allocation(B: int, T: int, d: int, f: int, h: int, V: int) -> tuple[str, float]:
    """The name and the MiB of the largest tensor that a forward pass of a Transformer makes.

    The candidates: "residual_stream" [B, T, d]; "feed_forward", its inner activation [B, T, f]; "attention_scores"
    [B, h, T, T]; "logits" [B, T, V]. Of equal ones either may be named.
    """
    raise NotImplementedError("memory_profiling: write largest_forward_allocation in assignment2_systems/memory.py")


def peak_of_trace(trace: Sequence[tuple[str, int, int]]) -> dict[str, int]:
    """What a record of allocations says about the peak. Its events are ("alloc" or "free", address, bytes), in order.

    An address can be allocated anew once it is free. A block that is freed but was allocated before the record began
    is not counted at all.

    Keys: "peak", the most bytes allocated at any time; "at", the index of the event that first reached it, -1 if
    nothing was ever allocated; "largest", the bytes of the largest block alive then, 0 if none; "left", the bytes
    still allocated at the end.
    """
    raise NotImplementedError("memory_profiling: write peak_of_trace in assignment2_systems/memory.py")


def attention_saved_bytes(B: int, T: int, d: int, dtype_bytes: int) -> int:
    """The bytes that plain attention keeps for its backward pass, for B heads of T queries and keys of width d.

    softmax(Q K^T / sqrt(d)) V without a mask, by PyTorch's matmul and softmax: Q, K and V, which the two products
    need, and the probabilities, which the softmax and the second product share. The scores are not kept: to multiply
    them by a number needs no tensor in its backward pass, and that of the softmax asks for its result.
    """
    raise NotImplementedError("pytorch_attention: write attention_saved_bytes in assignment2_systems/memory.py")


def largest_attention_length(memory_bytes: int, B: int, d: int, dtype_bytes: int) -> int:
    """The largest T for which `attention_saved_bytes` is at most `memory_bytes`; 0 if none is."""
    raise NotImplementedError("pytorch_attention: write largest_attention_length in assignment2_systems/memory.py")
