"""Pipeline parallelism: each rank has some layers, and micro-batches pass from rank to rank and back. Optional."""

from collections.abc import Callable

from torch import Tensor, nn


def pipeline_step(
    stage: nn.Module,
    inputs: list[Tensor] | None,
    micro_batches: int,
    loss: Callable[[Tensor, int], Tensor] | None,
    like: Tensor,
) -> list[float]:
    """All forward and backward passes of a step, in the order 1F1B. Rank r has stage r; all ranks call it together.

    A rank computes one backward pass after each forward pass as soon as it can: of N ranks, rank r never has more than
    N - r micro-batches that have passed its stage forward and not yet backward. Each micro-batch passes once.

    Args:
        stage: this rank's layers. Gradients of the sum of all losses are added to its parameters' `.grad`.
        inputs: on rank 0, what goes into its stage, one tensor a micro-batch; elsewhere None.
        micro_batches: how many there are, the same on all ranks.
        loss: on the last rank, the loss of an output and the number of its micro-batch; elsewhere None.
        like: a tensor shaped and typed as what goes from any stage to the next.

    Returns:
        On the last rank the losses, by micro-batch; elsewhere an empty list.
    """
    raise NotImplementedError("pipeline_parallel: write pipeline_step in assignment2_systems/pipeline_parallel.py")
