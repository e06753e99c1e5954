"""An optimizer whose state is spread over the ranks: each keeps, and computes, only its share."""

from collections.abc import Callable
from typing import Any

import torch
from torch.optim.optimizer import ParamsT


class ShardedOptimizer(torch.optim.Optimizer):
    """`optimizer_cls` for all parameters, with each parameter updated on one rank only: its owner.

    A rank hands to `optimizer_cls` the parameters it owns and no others. After each step the owners send the new
    values, so that all ranks hold the same. `param_groups` are those of all parameters, and are what counts: whatever
    is written there holds from the next step on.
    """

    def __init__(self, params: ParamsT, optimizer_cls: type[torch.optim.Optimizer], **kwargs: Any) -> None:
        """Shard `optimizer_cls(params, **kwargs)` over the default process group."""
        raise NotImplementedError(
            "optimizer_state_sharding: write ShardedOptimizer.__init__ in assignment2_systems/sharded_optimizer.py"
        )

    def step(self, closure: Callable[[], Any] | None = None, **kwargs: Any) -> Any:
        """One step of the wrapped optimizer with these arguments, and what it returns; then send the new values."""
        raise NotImplementedError(
            "optimizer_state_sharding: write ShardedOptimizer.step in assignment2_systems/sharded_optimizer.py"
        )

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Share out the parameters of a further group; the constructor of the base class calls it for each, too."""
        raise NotImplementedError(
            "optimizer_state_sharding: write ShardedOptimizer.add_param_group in "
            "assignment2_systems/sharded_optimizer.py"
        )

    def state_dict(self) -> dict[str, Any]:
        """What this rank needs to go on: the state of its own parameters, and the hyper-parameters of all groups."""
        raise NotImplementedError(
            "optimizer_state_sharding: write ShardedOptimizer.state_dict in assignment2_systems/sharded_optimizer.py"
        )

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what `state_dict` gave on this rank, for the same parameters and as many ranks."""
        raise NotImplementedError(
            "optimizer_state_sharding: write ShardedOptimizer.load_state_dict in "
            "assignment2_systems/sharded_optimizer.py"
        )
