"""Data-parallel training of a toy model: plans for the ranks, and the same training by one process in float64.

Models are in float32, as the public course's are; those in another dtype are asked of no adopted hand-in.

The driver `data_parallel_training` says what a plan is, `drivers/toy_models.py` what the model computes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor

from assignment2_systems.tests.one_a_rank import one_a_rank

WIDTH = 5
SHAPES = {"embed": (7, WIDTH), "shift": (WIDTH,), "inner": (4, WIDTH), "outer": (6, WIDTH)}
"""Layers in the order of registration and of use, no two of one size."""
WRAPPERS = {
    "naive": "get_ddp",
    "individual": "get_ddp_individual_parameters",
    "flat": "get_ddp_flat",
    "bucketed": "get_ddp_bucketed",
}
BUCKET_SIZE_MB = 0.00025
"""Two buckets for SHAPES in float32, whether a megabyte is 10^6 bytes or 2^20: of 220 and of 140 bytes."""
RTOL = {torch.float32: 1e-4, torch.float64: 1e-12}
"""By the dtype of a model."""
in_float32_and_float64 = pytest.mark.parametrize(
    "dtype", [torch.float32, pytest.param(torch.float64, marks=pytest.mark.beyond_public_course)], ids=str
)


def plan_of(
    draw: Any,
    kind: str,
    world_size: int,
    *,
    steps: int = 3,
    shapes: Mapping[str, tuple[int, ...]] = SHAPES,
    dtype: torch.dtype = torch.float32,
    dtypes: Mapping[str, torch.dtype] | None = None,
    forward_passes: int = 1,
    bucket_size_mb: float = BUCKET_SIZE_MB,
    **description: Any,
) -> dict[str, Any]:
    """Random data for each rank, and models of which only rank 0's is to be trained: the others' differ in all values.

    `dtypes` has those of parameters that are not of `dtype`, `description` what a toy model has beside its parameters.
    """
    dtypes = dtypes or {}

    def model() -> dict[str, Any]:
        made = {name: draw.normal(*shape, scale=0.5, dtype=dtypes.get(name, dtype)) for name, shape in shapes.items()}
        buffers = {name: draw.normal(3, dtype=dtype) for name in description.get("buffers", ())}
        return {"order": list(shapes), **description, "parameters": made, "buffers": buffers}

    def batches() -> list[Tensor]:
        return list(draw.normal(world_size, forward_passes, 3, WIDTH, dtype=dtype))

    return {
        "kind": kind,
        "bucket_size_mb": bucket_size_mb,
        "models": [model() for _ in range(world_size)],
        "learning_rate": 0.3,
        "steps": [{"inputs": batches(), "targets": batches()} for _ in range(steps)],
    }


def random_plan(draw: Any, kind: str, *, uneven: bool = False) -> dict[str, Any]:
    """Two or three ranks, and models with layers of any size: some frozen, tied, used twice, or left out for a step.

    With `uneven`, ranks leave out different ones.
    """
    world_size = draw.integer(2, 4)
    names = [f"weight{number}" for number in range(draw.integer(3, 7))]
    shapes = {name: (WIDTH,) if draw.integer(0, 4) == 0 else (draw.integer(1, 9), WIDTH) for name in names}
    anchor, frozen, tied = (names[place] for place in draw.permutation(len(names))[:3].tolist())
    uses = [*names, "other", draw.choice(names)]
    plan = plan_of(
        draw,
        kind,
        world_size,
        steps=4,
        shapes=shapes,
        dtype=torch.float64,
        forward_passes=draw.integer(1, 3),
        bucket_size_mb=draw.number(1e-4, 6e-4),
        order=[uses[place] for place in draw.permutation(len(uses)).tolist()],
        frozen=[frozen],
        tied={"other": tied},
        buffers=["seen"],
    )
    plan["learning_rate"] = 0.1
    optional = [name for name in names if name not in (anchor, tied)]
    for step in plan["steps"]:
        step["zero_grad"] = draw.choice(["none", "none", "zeros", "keep"])
        left_out = [[name for name in optional if draw.integer(0, 4) == 0] for _ in range(world_size)]
        step["skipped"] = left_out if uneven else [left_out[0]] * world_size
    return plan


def trained(plan: Mapping[str, Any]) -> dict[str, Tensor]:
    """The parameters of rank 0 that are trained, by name, as they start."""
    model = plan["models"][0]
    return {name: tensor for name, tensor in model["parameters"].items() if name not in model.get("frozen", ())}


def single_process(plan: Mapping[str, Any]) -> list[tuple[dict[str, Tensor | None], dict[str, Tensor]]]:
    """Gradients and parameters after each step of training on the batches of all ranks at once."""
    model = plan["models"][0]
    weights = {name: tensor.double().clone() for name, tensor in model["parameters"].items()}
    learning = [weights[name].requires_grad_() for name in trained(plan)]
    history = []
    for step in plan["steps"]:
        for weight in learning:
            weight.grad = weight.grad if step.get("zero_grad") == "keep" else None
        losses = []
        for rank, (inputs, targets) in enumerate(zip(step["inputs"], step["targets"], strict=True)):
            skipped = step["skipped"][rank] if "skipped" in step else []
            outputs = toy_output(model, weights, inputs.double(), skipped)
            losses.append(0.5 * (outputs - targets.double()).square().mean())
        torch.stack(losses).mean().backward()
        gradients = {name: None if weight.grad is None else weight.grad.clone() for name, weight in weights.items()}
        with torch.no_grad():
            for weight in learning:
                if weight.grad is not None:
                    weight -= plan["learning_rate"] * weight.grad
        history.append((gradients, {name: weight.detach().clone() for name, weight in weights.items()}))
    return history


def toy_output(
    model: Mapping[str, Any], weights: Mapping[str, Tensor], inputs: Tensor, skipped: Sequence[str] = ()
) -> Tensor:
    """What a toy model makes of its inputs."""
    hidden = inputs
    for name in model["order"]:
        weight = weights[model.get("tied", {}).get(name, name)]
        if name in skipped:
            continue
        hidden = hidden + ((hidden @ weight.T).tanh() @ weight if weight.dim() == 2 else weight)
    return hidden


def run_plan(check: Any, drivers: Any, plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What each rank did by the plan: all of its steps."""
    who = WRAPPERS[plan["kind"]]
    found = one_a_rank(check, drivers.data_parallel_training(plan), len(plan["models"]), who)
    for of_rank in found:
        check.equal(len(of_rank["steps"]), len(plan["steps"]), who=f"{who}, as the number of steps,")
    return found


def check_training(
    check: Any, drivers: Any, plan: Mapping[str, Any], *, rtol: float | None = None, hint: str = ""
) -> Any:
    """Train by the plan; all gradients and parameters are those of one process. Returns what the driver did.

    Without `rtol` all parameters are of one dtype, and it is that of RTOL.
    """
    who = WRAPPERS[plan["kind"]]
    found = run_plan(check, drivers, plan)
    expected = single_process(plan)
    parameters = plan["models"][0]["parameters"]
    if rtol is None:
        (rtol,) = {RTOL[start.dtype] for start in parameters.values()}
    for rank, of_rank in enumerate(found):
        for number, (step, (gradients, values)) in enumerate(zip(of_rank["steps"], expected, strict=True), start=1):
            for name, start in parameters.items():
                where = f"'{name}' on rank {rank} of {len(found)} in step {number}"
                _check_gradient(
                    check, step["gradients"][name], gradients[name], start, f"{who}: .grad of {where}", rtol, hint
                )
                check.close(
                    step["parameters"][name],
                    values[name],
                    rtol=rtol,
                    dtype=start.dtype,
                    who=f"{who}: {where}",
                    hint=hint,
                )
    return found


def _check_gradient(
    check: Any, found: Tensor | None, expected: Tensor | None, parameter: Tensor, who: str, rtol: float, hint: str
) -> None:
    if expected is None:
        nothing = found is None or (isinstance(found, Tensor) and not bool(found.any()))
        check.that(nothing, f"{who} is not zero; expected None or zeros: no rank has computed a gradient for it")
        return
    hint = hint or "it is the mean over all ranks"
    check.that(found is not None, f"{who} is None; expected the mean over all ranks")
    check.close(found, expected, rtol=rtol, dtype=parameter.dtype, who=who, hint=hint)


def check_start(check: Any, found: Sequence[Mapping[str, Any]], plan: Mapping[str, Any], names: Sequence[str]) -> None:
    """These parameters or buffers are rank 0's on all ranks once the model is wrapped."""
    model = plan["models"][0]
    everything = {**model["parameters"], **model["buffers"]}
    for rank, of_rank in enumerate(found):
        for name in names:
            who = f"{WRAPPERS[plan['kind']]}: '{name}' on rank {rank} after construction"
            check.equal(of_rank["start"][name], everything[name], who=who, hint="all ranks take rank 0's values")


def all_reduces(step: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The all-reduces of a step, in order."""
    return [event for event in step["events"] if event["operation"] == "all_reduce"]


def check_bytes(check: Any, found: Sequence[Mapping[str, Any]], plan: Mapping[str, Any]) -> None:
    """In every step the gradient of each trained parameter goes through one all-reduce, in its own dtype."""
    expected: dict[str, int] = {}
    for tensor in trained(plan).values():
        name = str(tensor.dtype).removeprefix("torch.")
        expected[name] = expected.get(name, 0) + size_in_bytes(tensor)
    for rank, of_rank in enumerate(found):
        for number, step in enumerate(of_rank["steps"], start=1):
            sent: dict[str, int] = {}
            for event in all_reduces(step):
                sent[event["dtype"]] = sent.get(event["dtype"], 0) + event["bytes"]
            check.that(
                sent == expected,
                f"{WRAPPERS[plan['kind']]}: rank {rank} sent {sent or 'no'} bytes through all-reduces in step {number}; "
                f"expected {expected}: each gradient once, in its own dtype",
            )


def size_in_bytes(tensor: Tensor) -> int:
    """Of its numbers."""
    return tensor.numel() * tensor.itemsize


def check_manners(check: Any, drivers: Any, draw: Any, kind: str, fact: str) -> None:
    """One `fact` about the wrapper as a module: "module", "arguments", "modes" or "names"."""
    who = WRAPPERS[kind]
    plan = plan_of(draw, kind, 1, tied={"head": "inner"}, buffers=["seen"], frozen=["shift"])
    inputs, shift = draw.normal(2, 2, WIDTH)
    gain = draw.number(2.0, 3.0)
    (found,) = one_a_rank(
        check, drivers.data_parallel_manners({**plan, "inputs": inputs, "shift": shift, "gain": gain}), 1, who
    )
    if fact == "module":
        check.that(found["module is the module"], f"{who}: `.module` is not the module it was given")
        message = f"{who}: parameters() are not those of the module it was given, in their order"
        check.that(found["same parameters"], message)
    elif fact == "arguments":
        model = plan["models"][0]
        plain = toy_output(model, model["parameters"], inputs)
        shifted = toy_output(model, model["parameters"], inputs + shift)
        wanted = {"one argument": plain, "two arguments": shifted, "keywords": gain * shifted}
        for name, value in wanted.items():
            check.close(
                found["outputs"][name], value, rtol=RTOL[value.dtype], who=f"the model of {who}, called with {name},"
            )
    elif fact == "modes":
        hint = "train() and eval() of the wrapper reach the module it wraps"
        check.equal(found["modes"], [False, True], who=f"{who}, as the modes of its module,", hint=hint)
    else:
        names = [name.removeprefix("module.") for name in found["names"]]
        hint = "they are the module's, with or without `module.` in front, and nothing else"
        check.equal(
            sorted(names), sorted(found["names before"]), who=f"{who}, as the names in state_dict(),", hint=hint
        )
