"""Data parallelism: ranks that train one toy model, each with data of its own, through the wrappers of a student.

A plan is a dict. "kind": "naive", "individual", "flat" or "bucketed", the last with "bucket_size_mb". "models": what
each rank holds before it is wrapped (see `toy_models`). "learning_rate": of plain SGD. "steps": for each, "inputs" and
"targets" [ranks, forward passes, batch, d]; where needed "skipped" (names for each rank) and "zero_grad" ("none",
"zeros", or "keep"). "slow": the rank, if any, that begins each backward pass some time after the others.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from assignment2_systems import adapters
from assignment2_systems.drivers import ranks
from assignment2_systems.drivers.recorder import Recorder
from assignment2_systems.drivers.toy_models import ToyModel, start_backward

Plan = dict[str, Any]

SLOW_SECONDS = 0.2
"""Ages for the others, and nothing is measured by it."""


def data_parallel_training(plan: Plan) -> list[dict[str, Any]]:
    """What each rank holds and communicates. "start": its parameters and buffers once wrapped. "steps": for each step
    the "gradients" after their synchronisation, the "parameters" after the optimizer's step, and all "events"."""
    return ranks.run(len(plan["models"]), _train, plan)


def data_parallel_manners(plan: Plan) -> list[dict[str, Any]]:
    """How the wrapper of one rank behaves as a module."""
    return ranks.run(len(plan["models"]), _manners, plan)


def _wrap(module: nn.Module, plan: Plan) -> tuple[nn.Module, Callable[..., None], Callable[..., None]]:
    """The wrapped module, what begins a step, and what ends its backward pass."""
    kind = plan["kind"]
    if kind == "naive":
        return adapters.get_ddp(module), _nothing, adapters.ddp_on_after_backward
    if kind == "individual":
        wrapped = adapters.get_ddp_individual_parameters(module)
        return wrapped, _nothing, adapters.ddp_individual_parameters_on_after_backward
    if kind == "flat":
        return adapters.get_ddp_flat(module), _nothing, adapters.ddp_flat_on_after_backward
    wrapped = adapters.get_ddp_bucketed(module, plan["bucket_size_mb"])
    return wrapped, adapters.ddp_bucketed_on_train_batch_start, adapters.ddp_bucketed_on_after_backward


def _nothing(wrapped: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """Only bucketed wrappers are told that a step begins."""


def _train(rank: int, recorder: Recorder, plan: Plan) -> dict[str, Any]:
    model = ToyModel(plan["models"][rank], recorder)
    recorder.phase = "construction"
    wrapped, begin, finish = _wrap(model, plan)
    start = {**_copies(dict(model.named_parameters())), **_copies(dict(model.named_buffers()))}
    optimizer = torch.optim.SGD(wrapped.parameters(), lr=plan["learning_rate"])
    return {
        "start": start,
        "steps": [
            _step(rank, recorder, {**plan, **step}, model, wrapped, optimizer, begin, finish) for step in plan["steps"]
        ],
    }


def _step(
    rank: int,
    recorder: Recorder,
    step: dict[str, Any],
    model: ToyModel,
    wrapped: nn.Module,
    optimizer: torch.optim.Optimizer,
    begin: Callable[..., None],
    finish: Callable[..., None],
) -> dict[str, Any]:
    before = len(recorder.events)
    recorder.phase = "begin"
    if step.get("zero_grad") != "keep":
        optimizer.zero_grad(set_to_none=step.get("zero_grad") != "zeros")
    begin(wrapped, optimizer)
    recorder.phase = "forward"
    model.skipped = step["skipped"][rank] if "skipped" in step else []
    losses = []
    for inputs, targets in zip(step["inputs"][rank], step["targets"][rank], strict=True):
        error = wrapped(inputs) - targets
        losses.append(0.5 * error.square().mean())
    loss = torch.stack(losses).mean()
    if step.get("slow") == rank:
        time.sleep(SLOW_SECONDS)
    start_backward(model, recorder)
    loss.backward()
    recorder.phase = "finish"
    finish(wrapped, optimizer)
    recorder.phase = "step"
    gradients = {name: parameter.grad for name, parameter in model.named_parameters()}
    gradients = {name: None if tensor is None else tensor.detach().clone() for name, tensor in gradients.items()}
    optimizer.step()
    return {
        "gradients": gradients,
        "parameters": _copies(dict(model.named_parameters())),
        "events": recorder.events[before:],
    }


def _copies(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in tensors.items()}


def _manners(rank: int, recorder: Recorder, plan: Plan) -> dict[str, Any]:
    model = ToyModel(plan["models"][rank], recorder)
    names = list(model.state_dict())
    own = [id(parameter) for parameter in model.parameters()]
    wrapped, _, _ = _wrap(model, plan)
    modes = []
    for training in (False, True):
        wrapped.train(training)
        modes.append(model.training)
    with torch.no_grad():
        outputs = {
            "one argument": wrapped(plan["inputs"]),
            "two arguments": wrapped(plan["inputs"], plan["shift"]),
            "keywords": wrapped(plan["inputs"], shift=plan["shift"], gain=plan["gain"]),
        }
    return {
        "module is the module": getattr(wrapped, "module", None) is model,
        "same parameters": [id(parameter) for parameter in wrapped.parameters()] == own,
        "modes": modes,
        "outputs": outputs,
        "names before": names,
        "names": list(wrapped.state_dict()),
    }
