"""A sharded optimizer against the plain one in this process, for all parameters, in float64.

The driver `sharded_steps` says what a plan is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from assignment2_systems.tests.one_a_rank import one_a_rank

MOMENTUM = ("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.05})
ADAMW = ("AdamW", {"lr": 0.05, "betas": (0.8, 0.95), "weight_decay": 0.2})
OPTIMIZERS = {"SGD": torch.optim.SGD, "AdamW": torch.optim.AdamW}
SHAPES = ((4, 3), (5,), (2, 2), (7,), (3, 3))
RTOL = 1e-12


def plan_of(
    draw: Any,
    world_size: int,
    optimizer: tuple[str, dict[str, Any]] = ADAMW,
    *,
    groups: Sequence[tuple[Sequence[tuple[int, ...]], dict[str, Any]]] = ((SHAPES, {}),),
    steps: int = 4,
    **more: Any,
) -> dict[str, Any]:
    """Random parameters and gradients, the same on all ranks; each group is its shapes and its own options."""
    made = [
        {"params": [draw.normal(*shape, dtype=torch.float64) for shape in shapes], **options}
        for shapes, options in groups
    ]
    tensors = [tensor for group in made for tensor in group["params"]]
    return {
        "world_size": world_size,
        "optimizer": optimizer[0],
        "options": optimizer[1],
        "groups": made,
        "gradients": [gradients_like(draw, tensors, steps)] * world_size,
        **more,
    }


def gradients_like(draw: Any, tensors: Sequence[Tensor], steps: int) -> list[list[Tensor]]:
    """For each step a gradient for each tensor."""
    return [[draw.normal(*tensor.shape, dtype=torch.float64) for tensor in tensors] for _ in range(steps)]


def parameters_of(plan: Mapping[str, Any]) -> list[Tensor]:
    """All parameters, as they start."""
    return [tensor for group in plan["groups"] for tensor in group["params"]]


def plain_steps(plan: Mapping[str, Any], rank: int = 0) -> list[list[Tensor]]:
    """All parameters after each step of the plain optimizer on the gradients of one rank."""
    groups = [
        {**group, "params": [torch.nn.Parameter(tensor.clone()) for tensor in group["params"]]}
        for group in plan["groups"]
    ]
    parameters = [parameter for group in groups for parameter in group["params"]]
    late = plan.get("late")
    optimizer = OPTIMIZERS[plan["optimizer"]](groups if late is None else groups[:-1], **plan["options"])
    scheduler = None
    if "half_life" in plan:
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, plan["half_life"], gamma=0.5)
    history = []
    for number, gradients in enumerate(plan["gradients"][rank]):
        if number == late:
            optimizer.add_param_group(groups[-1])
        for group, change in zip(
            optimizer.param_groups, plan["changes"][number] if "changes" in plan else [], strict=False
        ):
            group.update(change)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = None if gradient is None else gradient.clone()
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        history.append([parameter.detach().clone() for parameter in parameters])
    return history


def run_steps(check: Any, drivers: Any, plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What each rank's sharded optimizer did by the plan: all of its steps."""
    found = one_a_rank(check, drivers.sharded_steps(plan), plan["world_size"], "get_sharded_optimizer")
    for of_rank in found:
        who = "get_sharded_optimizer, as the number of steps,"
        check.equal(len(of_rank["steps"]), len(plan["gradients"][0]), who=who)
        for step in of_rank["steps"]:
            who = "get_sharded_optimizer, as the number of parameters,"
            check.equal(len(step["parameters"]), len(parameters_of(plan)), who=who)
    return found


def run_closure(check: Any, drivers: Any, plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What one step with a closure did on each rank."""
    found = one_a_rank(check, drivers.sharded_closure(plan), plan["world_size"], "get_sharded_optimizer")
    for of_rank in found:
        who = "get_sharded_optimizer, as the number of parameters,"
        check.equal(len(of_rank["parameters"]), len(parameters_of(plan)), who=who)
    return found


def check_steps(check: Any, drivers: Any, plan: Mapping[str, Any], *, hint: str = "") -> list[dict[str, Any]]:
    """Every rank's parameters are those of the plain optimizer after each step. Returns what the driver did."""
    found = run_steps(check, drivers, plan)
    expected = plain_steps(plan)
    for rank, of_rank in enumerate(found):
        for number, (step, values) in enumerate(zip(of_rank["steps"], expected, strict=True), start=1):
            for place, (got, want) in enumerate(zip(step["parameters"], values, strict=True)):
                who = f"get_sharded_optimizer: parameter {place} on rank {rank} of {len(found)} after step {number}"
                check.close(got, want, rtol=RTOL, constant=want.numel() < 3, who=who, hint=hint)
    return found


def owners(check: Any, found: Sequence[Mapping[str, Any]], count: int) -> list[int]:
    """The rank that each of `count` parameters was handed to an optimizer on, which is exactly one."""
    of = []
    for place in range(count):
        ranks = [rank for rank, of_rank in enumerate(found) if place in of_rank["owned"]]
        check.that(
            len(ranks) == 1,
            f"get_sharded_optimizer: parameter {place} of {count} was handed to optimizer_cls on {len(ranks)} of "
            f"{len(found)} ranks; expected one",
        )
        of.append(ranks[0])
    return of


def check_shares(check: Any, found: Sequence[Mapping[str, Any]], plan: Mapping[str, Any], state_per_byte: int) -> None:
    """No rank owns more than its part and one parameter more; nor does it keep more state than for that."""
    sizes = [tensor.numel() * tensor.itemsize for tensor in parameters_of(plan)]
    most = sum(sizes) / len(found) + max(sizes)
    owner = owners(check, found, len(sizes))
    for rank, of_rank in enumerate(found):
        owned = sum(size for size, its in zip(sizes, owner, strict=True) if its == rank)
        check.that(
            owned <= most,
            f"get_sharded_optimizer: rank {rank} of {len(found)} owns {owned} bytes of {sum(sizes)}; expected at most "
            f"{most:.0f}: an equal part, and the largest parameter more",
        )
        check.that(
            of_rank["state_bytes"] <= state_per_byte * owned,
            f"get_sharded_optimizer: rank {rank} keeps {of_rank['state_bytes']} bytes of state; expected "
            f"{state_per_byte} a byte of the {owned} that it owns",
        )
