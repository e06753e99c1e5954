"""Fully sharded data parallelism: no rank holds a weight longer than it computes with it.

A weight's life in one step: each rank keeps a part; before a layer's forward pass the parts are gathered; after it
the whole is dropped. Autograd would keep it for the backward pass, so it is given a note instead, and gathers anew
when it comes to the note. The gradient of the whole is added up over the ranks and cut into parts again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from assignment1_basics.nn import Embedding, Linear

SHARDED = (Linear, Embedding, nn.Linear, nn.Embedding)


class FullyShardedDataParallel(nn.Module):
    """A module of which each rank keeps a part, and which computes as if each had all of it."""

    def __init__(self, module: nn.Module, compute_dtype: torch.dtype | None = None) -> None:
        super().__init__()
        self.module = module
        self._in_flight: list[Callable[[], None]] = []
        for tensor in (*module.parameters(), *module.buffers()):
            dist.broadcast(tensor.detach(), src=0)
        weights: dict[nn.Parameter, ShardedWeight] = {}
        for layer in [layer for layer in module.modules() if isinstance(layer, SHARDED)]:
            if layer.weight not in weights:  # a tied weight is sharded once
                weights[layer.weight] = ShardedWeight(layer.weight, compute_dtype, self._in_flight)
            self._shard(layer, weights[layer.weight])
        self._weights = {weight.shard: weight for weight in weights.values()}

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        return self.module(*inputs, **kwargs)

    def finish_gradient_synchronization(self) -> None:
        """Wait for what is still under way, and average what was never sharded."""
        settle(self._in_flight)
        replicated = [parameter for parameter in self.parameters() if parameter not in self._weights]
        gradients = [parameter.grad for parameter in replicated if parameter.grad is not None]
        for work in [dist.all_reduce(gradient, async_op=True) for gradient in gradients]:
            work.wait()
        for gradient in gradients:
            gradient.div_(dist.get_world_size())

    def gather_full_params(self) -> dict[str, Tensor]:
        """Every parameter of the wrapped module, whole and in its own dtype; a tied one under each of its names."""
        return {
            name: self._weights[parameter].gathered(parameter.dtype)
            if parameter in self._weights
            else parameter.detach().clone()
            for name, parameter in self.module.named_parameters(remove_duplicate=False)
        }

    @staticmethod
    def _shard(layer: nn.Module, weight: ShardedWeight) -> None:
        """Give the layer its part of the weight, and a forward pass that borrows the whole."""
        layer.weight = weight.shard
        compute = layer.forward

        def forward(x: Tensor) -> Tensor:
            with weight.lent_to(layer):
                return compute(x.to(weight.compute_dtype) if x.is_floating_point() else x)

        layer.forward = forward


class ShardedWeight:
    """A weight as a row of numbers, padded and cut into equal parts, of which this rank keeps one as a parameter."""

    def __init__(
        self, weight: nn.Parameter, compute_dtype: torch.dtype | None, in_flight: list[Callable[[], None]]
    ) -> None:
        self.shape = weight.shape
        self.compute_dtype = compute_dtype or weight.dtype
        self._in_flight = in_flight
        part = self._parts(weight.detach())[dist.get_rank()].clone()  # a copy: a view would keep the whole alive
        self.shard = nn.Parameter(part, requires_grad=weight.requires_grad)

    def _parts(self, whole: Tensor) -> Tensor:
        """[world_size, part]: the elements of `whole`, and zeros up to the next multiple of the ranks."""
        world_size = dist.get_world_size()
        padding = -whole.numel() % world_size
        return nn.functional.pad(whole.flatten(), (0, padding)).view(world_size, -1)

    def gathered(self, dtype: torch.dtype) -> Tensor:
        """The whole weight, from the parts of all ranks, which are cast before they travel."""
        part = self.shard.detach().to(dtype)
        whole = part.new_empty(dist.get_world_size() * part.numel())
        dist.all_gather_into_tensor(whole, part)
        return whole[: self.shape.numel()].view(self.shape)

    def reduce_gradient(self, gradient: Tensor) -> None:
        """Begin to add up the ranks' gradients, of which this rank gets its part. The one before has to be done:

        its whole gradient can go then, and there are never more than two of them.
        """
        parts = self._parts(gradient.to(self.shard.dtype))
        settle(self._in_flight)
        mine = torch.empty_like(self.shard)
        work = dist.reduce_scatter_tensor(mine, parts.flatten(), async_op=True)

        def finish() -> None:
            work.wait()
            mine.div_(dist.get_world_size())
            self.shard.grad = mine if self.shard.grad is None else self.shard.grad + mine

        self._in_flight.append(finish)

    @contextmanager
    def lent_to(self, layer: nn.Module) -> Iterator[None]:
        """Within, the layer's weight is the whole, of which autograd keeps notes only."""
        whole = _Whole.apply(self.shard, self)
        address = whole.untyped_storage().data_ptr()  # a number: a tensor in these functions would stay alive

        def note(saved: Tensor) -> Tensor | _View:
            if saved.untyped_storage().data_ptr() != address:
                return saved
            return _View(saved.shape, saved.stride(), saved.storage_offset())

        def recall(noted: Tensor | _View) -> Tensor:
            return self.gathered(self.compute_dtype).as_strided(*noted) if isinstance(noted, _View) else noted

        layer._parameters["weight"] = whole
        try:
            with saved_tensors_hooks(note, recall):
                yield
        finally:
            layer._parameters["weight"] = self.shard


class _View(NamedTuple):
    """What autograd keeps of a whole weight: how to look at it."""

    shape: torch.Size
    stride: tuple[int, ...]
    offset: int


class _Whole(torch.autograd.Function):
    """From a rank's part to the whole weight; back, from the whole gradient to a rank's part of the ranks' sum."""

    @staticmethod
    def forward(ctx: Any, shard: Tensor, weight: ShardedWeight) -> Tensor:
        ctx.weight = weight
        return weight.gathered(weight.compute_dtype)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, None]:
        ctx.weight.reduce_gradient(gradient)
        return None, None  # it arrives later, see `finish_gradient_synchronization`


def settle(in_flight: list[Callable[[], None]]) -> None:
    """Finish all that is under way."""
    while in_flight:
        in_flight.pop(0)()
