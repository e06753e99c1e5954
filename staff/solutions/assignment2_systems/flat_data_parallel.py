"""Data parallelism with one all-reduce a step: all gradients travel as one vector."""

from typing import Any

import torch
import torch.distributed as dist
from torch import nn

from assignment2_systems.data_parallel import broadcast_from_rank_0


class FlatDDP(nn.Module):
    """`module`, trained by all ranks together, with one all-reduce a step for each dtype among its parameters."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module
        self._by_dtype: dict[torch.dtype, list[nn.Parameter]] = {}
        broadcast_from_rank_0(module)
        for parameter in module.parameters():
            if parameter.requires_grad:
                self._by_dtype.setdefault(parameter.dtype, []).append(parameter)

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """What the wrapped module makes of the same arguments."""
        return self.module(*inputs, **kwargs)

    @torch.no_grad()
    def finish_gradient_synchronization(self) -> None:
        """Join the gradients, sum them over the ranks at once, and give each parameter its mean back."""
        for parameters in self._by_dtype.values():
            for parameter in parameters:
                if parameter.grad is None:  # other ranks may have one, and their vectors are as long as this
                    parameter.grad = torch.zeros_like(parameter)
            flat = torch.cat([parameter.grad.flatten() for parameter in parameters])
            dist.all_reduce(flat)
            flat.div_(dist.get_world_size())
            for parameter, mean in zip(parameters, flat.split([p.numel() for p in parameters]), strict=True):
                parameter.grad.copy_(mean.view_as(parameter))
