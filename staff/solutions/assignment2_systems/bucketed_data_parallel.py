"""Data parallelism in buckets: few all-reduces, and the first ones while the backward pass still runs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from assignment2_systems.data_parallel import broadcast_from_rank_0

MEGABYTE = 10**6


@dataclass
class Bucket:
    """Parameters whose gradients travel together; `flat` and `work` are there while they do."""

    parameters: list[nn.Parameter]
    incomplete: int = 0
    flat: Tensor | None = None
    work: dist.Work | None = None

    @torch.no_grad()
    def send(self) -> None:
        """Begin to sum the joined gradients over the ranks; one that nobody computed here is zero."""
        for parameter in self.parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        self.flat = torch.cat([parameter.grad.flatten() for parameter in self.parameters])
        self.work = dist.all_reduce(self.flat, async_op=True)

    @torch.no_grad()
    def receive(self) -> None:
        """Wait for the sums, and give each parameter its mean."""
        self.work.wait()
        self.flat.div_(dist.get_world_size())
        sizes = [parameter.numel() for parameter in self.parameters]
        for parameter, mean in zip(self.parameters, self.flat.split(sizes), strict=True):
            parameter.grad.copy_(mean.view_as(parameter))
        self.flat = self.work = None


def buckets_of(parameters: Iterable[nn.Parameter], limit: float) -> list[Bucket]:
    """Consecutive parameters of one dtype, as many as `limit` bytes hold, and at least one."""
    buckets: list[Bucket] = []
    filled = 0
    for parameter in parameters:
        size = parameter.numel() * parameter.element_size()
        if not buckets or filled + size > limit or buckets[-1].parameters[-1].dtype != parameter.dtype:
            buckets.append(Bucket([]))
            filled = 0
        buckets[-1].parameters.append(parameter)
        filled += size
    return buckets


class BucketedDDP(nn.Module):
    """`module`, trained by all ranks together; gradients travel in buckets, which leave in their order.

    The fixed order lets ranks agree on what they send next even if one of them has used other parameters.
    """

    def __init__(self, module: nn.Module, bucket_size_mb: float) -> None:
        super().__init__()
        self.module = module
        broadcast_from_rank_0(module)
        trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
        self._buckets = buckets_of(reversed(trained), bucket_size_mb * MEGABYTE)
        self._bucket_of = {parameter: bucket for bucket in self._buckets for parameter in bucket.parameters}
        self._sent = 0
        for parameter in trained:
            parameter.register_post_accumulate_grad_hook(self._on_gradient_ready)
        self.start_train_batch()

    def start_train_batch(self) -> None:
        """Make ready for a step: no gradient is complete, no bucket has gone."""
        self._sent = 0
        for bucket in self._buckets:
            bucket.incomplete = len(bucket.parameters)

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """What the wrapped module makes of the same arguments."""
        return self.module(*inputs, **kwargs)

    def _on_gradient_ready(self, parameter: nn.Parameter) -> None:
        self._bucket_of[parameter].incomplete -= 1
        while self._sent < len(self._buckets) and self._buckets[self._sent].incomplete == 0:
            self._send_next()

    def _send_next(self) -> None:
        self._buckets[self._sent].send()
        self._sent += 1

    def finish_gradient_synchronization(self) -> None:
        """Send the buckets that are still incomplete, then wait for all."""
        while self._sent < len(self._buckets):
            self._send_next()
        for bucket in self._buckets:
            bucket.receive()
