"""Data parallelism: every rank has the whole model and its own part of the batch; gradients are averaged.

Each gradient is sent as soon as autograd has completed it, while the backward pass goes on to earlier layers.
"""

from typing import Any

import torch
import torch.distributed as dist
from torch import nn


@torch.no_grad()
def broadcast_from_rank_0(module: nn.Module) -> None:
    """Every parameter (those that are not trained, too) and every buffer of `module` takes rank 0's values."""
    for tensor in (*module.parameters(), *module.buffers()):
        dist.broadcast(tensor, src=0)


class DDP(nn.Module):
    """`module`, trained by all ranks of the default process group together, one all-reduce a parameter."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module
        self._on_their_way: list[tuple[nn.Parameter, dist.Work]] = []
        broadcast_from_rank_0(module)
        for parameter in module.parameters():  # a shared one comes once
            if parameter.requires_grad:
                parameter.register_post_accumulate_grad_hook(self.on_gradient_ready)

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """What the wrapped module makes of the same arguments."""
        return self.module(*inputs, **kwargs)

    def on_gradient_ready(self, parameter: nn.Parameter) -> None:
        """Begin to sum the gradient of `parameter` over the ranks, without waiting."""
        work = dist.all_reduce(parameter.grad, async_op=True)
        self._on_their_way.append((parameter, work))

    def finish_gradient_synchronization(self) -> None:
        """Wait for every sum, and make it a mean."""
        for parameter, work in self._on_their_way:
            work.wait()
            parameter.grad.div_(dist.get_world_size())
        self._on_their_way.clear()
