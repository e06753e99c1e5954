"""Fully sharded training: a chain of layers (see `chains`) on several ranks, what it computes, moves and holds.

`weights` and data are given for each rank; a step has one or more batches (x, cotangent), and a backward pass begins
with the cotangents, so there is no loss. What comes back is a list with an entry for each rank.
"""

from __future__ import annotations

import gc
import time
from typing import Any

import torch
from torch import Tensor, nn

from assignment2_systems import adapters
from assignment2_systems.drivers import ranks
from assignment2_systems.drivers.chains import Chain
from assignment2_systems.drivers.live_storages import LiveStorages
from assignment2_systems.drivers.recorder import Recorder
from assignment2_systems.drivers.watch import Watch

PATIENCE = 0.5
"""Seconds until what still lives counts as kept."""
OPTIMIZERS = {"sgd": torch.optim.SGD, "adamw": torch.optim.AdamW}


def fsdp_training(
    layers: list[tuple[Any, ...]],
    weights: list[dict[str, Tensor]],
    steps: list[list[list[tuple[Tensor, Tensor]]]],
    optimizer: tuple[str, dict[str, Any]],
    how: str = "each",
    frozen: list[str] | None = None,
    compute_dtype: str | None = None,
    keywords: dict[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Train: outputs of each step, all parameters whole before the first and after each, gradients as they were last,
    the dtypes of matrix products in forward passes.

    `steps[rank][step]` are batches. `how`: "each" has a forward pass, a backward pass and a synchronization for each
    batch of a step; "together" has all forward passes before one backward pass and one synchronization.
    """
    options = (layers, weights, steps, optimizer, how, frozen or [], compute_dtype, keywords or {})
    return ranks.run(len(weights), _training, *options)


def fsdp_communication(
    layers: list[tuple[Any, ...]],
    weights: list[dict[str, Tensor]],
    batches: list[tuple[Tensor, Tensor]],
    frozen: list[str] | None = None,
    compute_dtype: str | None = None,
) -> list[list[dict[str, Any]]]:
    """What each rank communicates: phase "begin" is wrapping, "forward", "backward" and "finish" are of a step,
    "evaluation" is a forward pass without gradients."""
    return ranks.run(len(weights), _communication, layers, weights, batches, frozen or [], compute_dtype)


def fsdp_memory(
    layers: list[tuple[Any, ...]],
    weights: list[dict[str, Tensor]],
    batches: list[tuple[Tensor, Tensor]],
    compute_dtype: str | None = None,
) -> list[dict[str, int]]:
    """Bytes that live on each rank: after wrapping; the most during each pass, and after it; see `_memory`."""
    return ranks.run(len(weights), _memory, layers, weights, batches, compute_dtype)


def _wrapped(
    layers: list[tuple[Any, ...]], weights: dict[str, Tensor], frozen: list[str], compute_dtype: str | None
) -> nn.Module:
    module = Chain(layers, weights)
    for name in frozen:
        module.get_parameter(name).requires_grad_(False)
    if compute_dtype is None:
        return adapters.get_fsdp(module)
    return adapters.get_fsdp(module, compute_dtype=getattr(torch, compute_dtype))


def _whole(model: nn.Module) -> dict[str, Tensor]:
    """What `fsdp_gather_full_params` gives, copied."""
    return {name: tensor.detach().clone() for name, tensor in adapters.fsdp_gather_full_params(model).items()}


def _sum(output: Tensor, cotangent: Tensor) -> Tensor:
    """A number of which the output's gradient is the cotangent: `backward` of a number does without an import."""
    return (output * cotangent.to(output.dtype)).sum()


def _training(
    rank: int,
    recorder: Recorder,
    layers: list[tuple[Any, ...]],
    weights: list[dict[str, Tensor]],
    steps: list[list[list[tuple[Tensor, Tensor]]]],
    optimizer: tuple[str, dict[str, Any]],
    how: str,
    frozen: list[str],
    compute_dtype: str | None,
    keywords: dict[str, Any],
) -> dict[str, Any]:
    model = _wrapped(layers, weights[rank], frozen, compute_dtype)
    name, options = optimizer
    updating = OPTIMIZERS[name](model.parameters(), **options)
    outputs, whole, gradients, products = [], [_whole(model)], [], Products()
    for batches in steps[rank]:
        updating.zero_grad()
        if how == "each":
            for x, cotangent in batches:
                with products:
                    output = model(x, **keywords)
                _sum(output, cotangent).backward()
                adapters.fsdp_on_after_backward(model, updating)
                outputs.append(output.detach())
        else:
            made = [model(x, **keywords) for x, _ in batches]
            sum(_sum(output, cotangent) for output, (_, cotangent) in zip(made, batches, strict=True)).backward()
            adapters.fsdp_on_after_backward(model, updating)
            outputs += [output.detach() for output in made]
        gradients = [_description(parameter) for parameter in model.parameters()]
        updating.step()
        whole.append(_whole(model))
    return {
        "outputs": outputs,
        "whole": whole,
        "gradients": gradients,
        "products": sorted(products.dtypes),
        "module": isinstance(getattr(model, "module", None), Chain),
    }


class Products(Watch):
    """The dtypes of matrix products."""

    def __init__(self) -> None:
        super().__init__()
        self.dtypes: set[str] = set()

    def noted(self, operator: str, result: Any) -> None:
        if operator in ("mm", "bmm", "addmm", "baddbmm"):
            self.dtypes.add(str(result.dtype).removeprefix("torch."))


def _description(parameter: Tensor) -> tuple[Any, ...]:
    """Shape and dtype of a parameter, whether it is trained, and shape and dtype of its gradient."""
    gradient = parameter.grad
    return (
        tuple(parameter.shape),
        str(parameter.dtype),
        parameter.requires_grad,
        None if gradient is None else tuple(gradient.shape),
        None if gradient is None else str(gradient.dtype),
    )


def _communication(
    rank: int,
    recorder: Recorder,
    layers: list[tuple[Any, ...]],
    weights: list[dict[str, Tensor]],
    batches: list[tuple[Tensor, Tensor]],
    frozen: list[str],
    compute_dtype: str | None,
) -> list[dict[str, Any]]:
    model = _wrapped(layers, weights[rank], frozen, compute_dtype)
    updating = torch.optim.SGD(model.parameters(), lr=0.1)
    x, cotangent = batches[rank]
    for forward, backward, finish in [("warm-up",) * 3, ("forward", "backward", "finish")]:
        updating.zero_grad()
        recorder.phase = forward
        output = model(x)
        recorder.phase = backward
        _sum(output, cotangent).backward()
        recorder.phase = finish
        adapters.fsdp_on_after_backward(model, updating)
        recorder.phase = "update"
        updating.step()
    recorder.phase = "evaluation"
    model.eval()
    with torch.no_grad():
        model(x)
    return [event for event in recorder.events if event["operation"] != "wait"]


def _memory(
    rank: int,
    recorder: Recorder,
    layers: list[tuple[Any, ...]],
    weights: list[dict[str, Tensor]],
    batches: list[tuple[Tensor, Tensor]],
    compute_dtype: str | None,
) -> dict[str, int]:
    x, cotangent = batches[rank]
    found: dict[str, int] = {}
    with LiveStorages() as live:
        model = _wrapped(layers, weights[rank], [], compute_dtype)
        updating = torch.optim.SGD(model.parameters(), lr=0.1)
        _note(found, "wrapped", live, model)
        model.eval()
        with torch.no_grad():
            model(x)
        _note(found, "evaluation", live, model)
        model.train()
        for _ in range(2):  # what is made in the first step only may be kept
            output = model(x)
            _note(found, "forward", live, model)
            _sum(output, cotangent).backward()
            adapters.fsdp_on_after_backward(model, updating)
            output = None
            _note(found, "backward", live, model)
            for parameter in model.parameters():
                parameter.grad = None
            live.peak = live.bytes()
    return found


def _note(found: dict[str, int], phase: str, live: LiveStorages, model: nn.Module) -> None:
    """The most bytes at a time since the last note, and those that live now.

    A thread of gloo may hold what it has sent for a moment longer. So bytes are counted again for a while, unless
    little but parameters and their gradients can be left.
    """
    found[f"during {phase}"] = max(live.peak, found.get(f"during {phase}", 0))
    kept = [*model.parameters(), *(each.grad for each in model.parameters() if each.grad is not None)]
    enough = sum(each.nbytes for each in kept) + max(each.nbytes for each in kept) // 2
    least, deadline = _collected(live), time.monotonic() + PATIENCE
    while least > enough and time.monotonic() < deadline:
        time.sleep(PATIENCE / 50)
        least = min(least, _collected(live))
    found[f"after {phase}"] = max(least, found.get(f"after {phase}", 0))
    live.peak = live.bytes()


def _collected(live: LiveStorages) -> int:
    gc.collect()
    return live.bytes()
