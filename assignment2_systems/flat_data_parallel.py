"""Data parallelism with one all-reduce a step: all gradients travel as one vector."""

from typing import Any

from torch import nn


class FlatDDP(nn.Module):
    """`module`, trained by all ranks together; the interface is that of `DDP`.

    A step has exactly one all-reduce for each dtype among the trained parameters, and it carries all of them. A gradient that
    a rank does not have counts as zero there.
    """

    def __init__(self, module: nn.Module) -> None:
        """Wrap `module`, which stays reachable as `self.module`; all ranks take rank 0's parameters and buffers."""
        raise NotImplementedError(
            "minimal_ddp_flat: write FlatDDP.__init__ in assignment2_systems/flat_data_parallel.py"
        )

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """What the wrapped module makes of the same arguments."""
        raise NotImplementedError(
            "minimal_ddp_flat: write FlatDDP.forward in assignment2_systems/flat_data_parallel.py"
        )

    def finish_gradient_synchronization(self) -> None:
        """Average the gradients of all ranks; called after each backward pass."""
        raise NotImplementedError(
            "minimal_ddp_flat: write FlatDDP.finish_gradient_synchronization in "
            "assignment2_systems/flat_data_parallel.py"
        )
