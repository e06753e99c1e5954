"""A sharded optimizer under watch: who owns which parameter, what is kept where, what is sent.

A plan is a dict. "world_size". "optimizer": "SGD" or "AdamW", with "options" as keywords. "groups": for each group its
"params" (tensors) and options of its own; with "bare" the parameters of the only group are given as they are.
"gradients": for each rank, for each step, a tensor a parameter. Where needed: "changes" (for each step what is
written to each group before it), "late" (before this step the last group is added), "pause" (before this step a new optimizer goes on
from the state dict of the old), "half_life" (a scheduler of PyTorch's halves the rate every so many steps).
"""

from __future__ import annotations

import io
from typing import Any

import torch
from torch import Tensor, nn

from assignment2_systems import adapters
from assignment2_systems.drivers import ranks
from assignment2_systems.drivers.recorder import Recorder

Plan = dict[str, Any]
OPTIMIZERS: dict[str, type[torch.optim.Optimizer]] = {"SGD": torch.optim.SGD, "AdamW": torch.optim.AdamW}


def sharded_steps(plan: Plan) -> list[dict[str, Any]]:
    """By rank: "steps", each with all "parameters" after it and its "events"; "owned", the numbers of the parameters
    that were handed to an optimizer on this rank; "state_bytes", what these optimizers keep of more than a number."""
    return ranks.run(plan["world_size"], _steps, plan)


def sharded_closure(plan: Plan) -> list[dict[str, Any]]:
    """By rank: one step with a closure that writes the first gradients and returns a number: how often it was called,
    whether autograd was on, what step returned, and the parameters."""
    return ranks.run(plan["world_size"], _closure, plan)


def sharded_zero_grad(plan: Plan) -> list[list[Tensor | None]]:
    """By rank: the gradients of all parameters after zero_grad."""
    return ranks.run(plan["world_size"], _zero_grad, plan)


def sharded_tied_training(plan: Plan) -> list[list[Tensor]]:
    """By rank: the "weight" that the two layers of a model share, after each step on the mean square of what the model
    makes of "inputs" [steps, batch, d], which are the same on all ranks."""
    return ranks.run(plan["world_size"], _tied, plan)


class _Watch:
    """Makes subclasses of optimizers that note which parameters they are handed, and keep themselves in a list."""

    def __init__(self) -> None:
        self.handed: set[int] = set()
        self.made: list[torch.optim.Optimizer] = []

    def subclass(self, base: type[torch.optim.Optimizer]) -> type[torch.optim.Optimizer]:
        watch = self

        class Watched(base):
            def add_param_group(self, param_group: dict[str, Any]) -> None:
                super().add_param_group(param_group)
                if not any(self is each for each in watch.made):
                    watch.made.append(self)
                watch.handed.update(id(parameter) for parameter in self.param_groups[-1]["params"])

        Watched.__name__ = base.__name__
        return Watched

    def state_bytes(self) -> int:
        """Of the distinct tensors of more than one number that the optimizers keep."""
        kept = {
            id(value): value
            for optimizer in self.made
            for state in optimizer.state.values()
            for value in state.values()
            if isinstance(value, Tensor) and value.numel() > 1
        }
        return sum(value.numel() * value.itemsize for value in kept.values())


def _groups(plan: Plan) -> tuple[list[dict[str, Any]], list[nn.Parameter]]:
    """The groups with tensors made parameters, and all parameters in order."""
    groups = [{**group, "params": [nn.Parameter(each.clone()) for each in group["params"]]} for group in plan["groups"]]
    return groups, [parameter for group in groups for parameter in group["params"]]


def _make(plan: Plan, groups: list[dict[str, Any]], watch: _Watch) -> torch.optim.Optimizer:
    given: Any = iter(groups[0]["params"]) if plan.get("bare") else groups
    kind = watch.subclass(OPTIMIZERS[plan["optimizer"]])
    return adapters.get_sharded_optimizer(given, kind, **plan["options"])


def _steps(rank: int, recorder: Recorder, plan: Plan) -> dict[str, Any]:
    watch = _Watch()
    groups, parameters = _groups(plan)
    late, pause = plan.get("late"), plan.get("pause")
    optimizer = _make(plan, groups if late is None else groups[:-1], watch)
    scheduler = None
    if "half_life" in plan:
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, plan["half_life"], gamma=0.5)
    steps = []
    for number, gradients in enumerate(plan["gradients"][rank]):
        if number == late:
            optimizer.add_param_group(groups[-1])
        for group, change in zip(
            optimizer.param_groups, plan["changes"][number] if "changes" in plan else [], strict=False
        ):
            group.update(change)
        if number == pause:
            optimizer = _resumed(plan, groups, optimizer, watch)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient
        before = len(recorder.events)
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        steps.append(
            {
                "parameters": [parameter.detach().clone() for parameter in parameters],
                "events": recorder.events[before:],
            }
        )
    return {
        "steps": steps,
        "owned": [number for number, parameter in enumerate(parameters) if id(parameter) in watch.handed],
        "state_bytes": watch.state_bytes(),
    }


def _resumed(
    plan: Plan, groups: list[dict[str, Any]], old: torch.optim.Optimizer, watch: _Watch
) -> torch.optim.Optimizer:
    """A new optimizer for the same parameters with other hyper-parameters, and then the saved state of the old one."""
    saved = io.BytesIO()
    torch.save(old.state_dict(), saved)
    saved.seek(0)
    watch.made.clear()
    plain = [{"params": group["params"]} for group in groups]
    new = _make({**plan, "options": plan["options_on_return"]}, plain, watch)
    new.load_state_dict(torch.load(saved, weights_only=True))
    return new


def _closure(rank: int, recorder: Recorder, plan: Plan) -> dict[str, Any]:
    groups, parameters = _groups(plan)
    optimizer = _make(plan, groups, _Watch())
    modes = []

    def closure() -> Tensor:
        modes.append(torch.is_grad_enabled())
        optimizer.zero_grad()
        for parameter, gradient in zip(parameters, plan["gradients"][rank][0], strict=True):
            parameter.grad = gradient
        return torch.tensor(plan["loss"], dtype=torch.float64)

    loss = optimizer.step(closure)
    return {"loss": loss, "modes": modes, "parameters": [parameter.detach().clone() for parameter in parameters]}


def _zero_grad(rank: int, recorder: Recorder, plan: Plan) -> list[Tensor | None]:
    groups, parameters = _groups(plan)
    optimizer = _make(plan, groups, _Watch())
    for parameter, gradient in zip(parameters, plan["gradients"][rank][0], strict=True):
        parameter.grad = gradient
    optimizer.zero_grad()
    return [parameter.grad for parameter in parameters]


def _tied(rank: int, recorder: Recorder, plan: Plan) -> list[Tensor]:
    model = nn.Sequential(*(nn.Linear(*reversed(plan["weight"].shape), bias=False) for _ in range(2)))
    model[0].weight = model[1].weight = nn.Parameter(plan["weight"].clone())
    kind = _Watch().subclass(OPTIMIZERS[plan["optimizer"]])
    optimizer = adapters.get_sharded_optimizer(model.parameters(), kind, **plan["options"])
    history = []
    for inputs in plan["inputs"]:
        optimizer.zero_grad()
        model(inputs).square().mean().backward()
        optimizer.step()
        history.append(model[0].weight.detach().clone())
    return history
