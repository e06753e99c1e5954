"""What a rank keeps and sends when it trains with AdamW in float32: plain, sharded optimizer, fully sharded.

P parameters, `ws` ranks. A parameter takes four bytes, its gradient four, its two moments eight. What is sharded is
divided number by number; where that leaves a rest, the answer is that of the rank with the most. A collective on V
bytes in a ring of n ranks sends from each rank: all-gather and reduce-scatter (n - 1) / n * V, all-reduce twice that,
and a broadcast, on average over the ranks, (n - 1) / n * V.
"""

from collections.abc import Sequence


def training_state_bytes(P: int, ws: int, mode: str, replicated: int = 0) -> dict[str, int]:
    """The bytes on a rank once it has made a step, with the keys "params", "grads" and "opt".

    Modes: "ddp", everything on every rank; "sharded_optimizer", moments divided over the ranks; "fsdp", parameters,
    gradients and moments divided, except those of `replicated` of the P parameters. The other modes divide or keep
    these like all others.
    """
    raise NotImplementedError(
        "optimizer_state_sharding_accounting: write training_state_bytes in assignment2_systems/training_state.py"
    )


def memory_at_stages(P: int, ws: int, mode: str) -> dict[str, int]:
    """The bytes of state on a rank in its first step, without activations; `mode` is "ddp" or "sharded_optimizer".

    Keys: "after_init", once the model is made; "before_step", once backward is done; "after_step", once the
    optimizer has made its moments and the gradients are still there.
    """
    raise NotImplementedError(
        "optimizer_state_sharding_accounting: write memory_at_stages in assignment2_systems/training_state.py"
    )


def step_communication_bytes(P: int, ws: int, mode: str) -> float:
    """The bytes that a rank sends in one step, all in float32.

    Modes: "ddp", all-reduce of the gradients; "sharded_optimizer", that, and each parameter broadcast by its owner;
    "zero1", reduce-scatter of the gradients and all-gather of the parameters.
    """
    raise NotImplementedError(
        "optimizer_state_sharding_accounting: write step_communication_bytes in assignment2_systems/training_state.py"
    )


def fsdp_communication_bytes(P: int, ws: int, replicated: int, compute_bytes: int) -> float:
    """The bytes that a rank sends in one fully sharded step.

    Sharded parameters are gathered for the forward and again for the backward pass, in `compute_bytes` each; their
    gradients are reduce-scattered in float32. Gradients of the `replicated` parameters are all-reduced in float32.
    """
    raise NotImplementedError(
        "fsdp_accounting: write fsdp_communication_bytes in assignment2_systems/training_state.py"
    )


def fsdp_gathered_bytes(layers: Sequence[int], compute_bytes: int, prefetch: int) -> int:
    """The most bytes of gathered parameters alive in a forward pass over layers of so many sharded parameters each.

    While a layer computes, its own parameters and those of the `prefetch` layers after it are gathered (fewer at the
    end); those of a layer that is done are freed.
    """
    raise NotImplementedError("fsdp_accounting: write fsdp_gathered_bytes in assignment2_systems/training_state.py")
