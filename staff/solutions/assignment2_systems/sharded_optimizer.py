"""An optimizer whose state is spread over the ranks: each keeps, and computes, only its share.

Stage 1 of ZeRO (Rajbhandari et al. 2020), with whole parameters as shares. Two lists of groups stand side by side:
`self.param_groups` have all parameters and are what users read and write, those of the local optimizer have the
owned ones, maybe none.
"""

from collections.abc import Callable
from typing import Any

import torch
import torch.distributed as dist
from torch.optim.optimizer import ParamsT


class ShardedOptimizer(torch.optim.Optimizer):
    """`optimizer_cls` for all parameters, with each parameter updated on one rank only: its owner."""

    def __init__(self, params: ParamsT, optimizer_cls: type[torch.optim.Optimizer], **kwargs: Any) -> None:
        self._optimizer_cls, self._options = optimizer_cls, kwargs
        self._local: torch.optim.Optimizer | None = None
        self._owner: dict[torch.Tensor, int] = {}
        self._owned_bytes = [0] * dist.get_world_size()
        super().__init__(params, defaults=kwargs)  # calls add_param_group

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Give each parameter of the group to the rank that owns least so far."""
        super().add_param_group(param_group)
        group = self.param_groups[-1]
        for parameter in group["params"]:
            owner = min(range(dist.get_world_size()), key=self._owned_bytes.__getitem__)
            self._owner[parameter] = owner
            self._owned_bytes[owner] += parameter.numel() * parameter.element_size()
        owned = {**group, "params": [p for p in group["params"] if self._owner[p] == dist.get_rank()]}
        if self._local is None:
            self._local = self._optimizer_cls([owned], **self._options)
        else:
            self._local.add_param_group(owned)
        for name, value in self._local.param_groups[-1].items():
            group.setdefault(name, value)  # hyper-parameters that only optimizer_cls has a default for

    def step(self, closure: Callable[[], Any] | None = None, **kwargs: Any) -> Any:
        """Update the owned parameters, then send every parameter from its owner to all."""
        self._copy_hyper_parameters(self.param_groups, self._local.param_groups)
        result = self._local.step(closure, **kwargs)
        with torch.no_grad():
            on_their_way = [
                dist.broadcast(parameter, src=owner, async_op=True) for parameter, owner in self._owner.items()
            ]
        for work in on_their_way:
            work.wait()
        return result

    def state_dict(self) -> dict[str, Any]:
        """The local optimizer's, with the hyper-parameters of all groups as they are now."""
        self._copy_hyper_parameters(self.param_groups, self._local.param_groups)
        return self._local.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what `state_dict` gave on this rank, for the same parameters and as many ranks."""
        self._local.load_state_dict(state_dict)
        self._copy_hyper_parameters(self._local.param_groups, self.param_groups)

    @staticmethod
    def _copy_hyper_parameters(source: list[dict[str, Any]], target: list[dict[str, Any]]) -> None:
        for given, taken in zip(source, target, strict=True):
            taken.update((name, value) for name, value in given.items() if name != "params")
