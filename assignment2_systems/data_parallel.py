"""Data parallelism: every rank has the whole model and its own part of the batch; gradients are averaged.

One class serves two problems. Write it so that it is right first (`naive_ddp`), then let communication overlap with
the backward pass (`ddp_overlap_individual_parameters`).
"""

from typing import Any

from torch import nn


def broadcast_from_rank_0(module: nn.Module) -> None:
    """Every parameter (those that are not trained, too) and every buffer of `module` takes rank 0's values."""
    raise NotImplementedError("naive_ddp: write broadcast_from_rank_0 in assignment2_systems/data_parallel.py")


class DDP(nn.Module):
    """`module`, trained by all ranks of the default process group together.

    All ranks start from rank 0's parameters and buffers. After each backward pass and
    `finish_gradient_synchronization()`, `.grad` of every parameter is the mean over the ranks.
    """

    def __init__(self, module: nn.Module) -> None:
        """Wrap `module`, which stays reachable as `self.module`."""
        raise NotImplementedError("naive_ddp: write DDP.__init__ in assignment2_systems/data_parallel.py")

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """What the wrapped module makes of the same arguments."""
        raise NotImplementedError("naive_ddp: write DDP.forward in assignment2_systems/data_parallel.py")

    def on_gradient_ready(self, parameter: nn.Parameter) -> None:
        """Begin to average the gradient of `parameter`, without waiting: a hook that autograd calls once it is complete.

        The naive version registers no hooks, and has no use for it.
        """
        raise NotImplementedError(
            "ddp_overlap_individual_parameters: write DDP.on_gradient_ready in assignment2_systems/data_parallel.py"
        )

    def finish_gradient_synchronization(self) -> None:
        """Return when every gradient is the mean over the ranks; called after each backward pass."""
        raise NotImplementedError(
            "naive_ddp: write DDP.finish_gradient_synchronization in assignment2_systems/data_parallel.py"
        )
