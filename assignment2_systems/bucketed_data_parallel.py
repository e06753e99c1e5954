"""Data parallelism in buckets: few all-reduces, and the first ones while the backward pass still runs."""

from typing import Any

from torch import nn


class BucketedDDP(nn.Module):
    """`module`, trained by all ranks together; gradients travel in buckets.

    Buckets are filled with the trained parameters in reverse order of `module.parameters()`. The next parameter begins
    a new bucket if the open one would hold more than bucket_size_mb * 10^6 bytes with it, or holds another dtype. So
    only a parameter that is larger than the limit makes a larger bucket, alone.

    A bucket goes out, asynchronously, as soon as its last gradient is complete and every bucket before it has gone.
    """

    def __init__(self, module: nn.Module, bucket_size_mb: float) -> None:
        """Wrap `module`, which stays reachable as `self.module`; all ranks take rank 0's parameters and buffers."""
        raise NotImplementedError(
            "ddp_bucketed: write BucketedDDP.__init__ in assignment2_systems/bucketed_data_parallel.py"
        )

    def start_train_batch(self) -> None:
        """Make ready for a step: no gradient is complete, no bucket has gone. Called before its forward pass."""
        raise NotImplementedError(
            "ddp_bucketed: write BucketedDDP.start_train_batch in assignment2_systems/bucketed_data_parallel.py"
        )

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """What the wrapped module makes of the same arguments."""
        raise NotImplementedError(
            "ddp_bucketed: write BucketedDDP.forward in assignment2_systems/bucketed_data_parallel.py"
        )

    def finish_gradient_synchronization(self) -> None:
        """Send the buckets that wait for gradients nobody computes, with zeros in their place; return when every
        gradient is the mean over the ranks. Called after each backward pass."""
        raise NotImplementedError(
            "ddp_bucketed: write BucketedDDP.finish_gradient_synchronization in "
            "assignment2_systems/bucketed_data_parallel.py"
        )
