"""A pipeline's stages one after the other on one process, and what each rank has of that."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from assignment2_systems.tests.one_a_rank import one_a_rank

Step = tuple[list[Tensor], list[Tensor]]
RTOL = 1e-10


def draw_stages(draw: Any, ranks: int, width: int) -> list[list[Tensor]]:
    """One to three weights a stage."""
    return [
        [draw.normal(width, width, scale=2 * width**-0.5, dtype=torch.float64) for _ in range(draw.integer(1, 4))]
        for _ in range(ranks)
    ]


def draw_step(draw: Any, micro_batches: int, *shape: int) -> Step:
    """Inputs and cotangents."""
    inputs, cotangents = draw.normal(2, micro_batches, *shape, dtype=torch.float64)
    return list(inputs.clone()), list(cotangents.clone())


def expected(
    stages: list[list[Tensor]], steps: list[Step], rate: float | None
) -> tuple[list[list[Tensor]], list[list[list[Tensor]]]]:
    """Losses of each step, and gradients of each step and stage."""
    weights = [[weight.clone().requires_grad_() for weight in stage] for stage in stages]
    every = [weight for stage in weights for weight in stage]
    losses, gradients = [], []
    for inputs, cotangents in steps:
        of_step = []
        for x, cotangent in zip(inputs, cotangents, strict=True):
            for weight in every:
                x = F.silu(x @ weight.T)
            of_step.append((x * cotangent).sum())
        torch.stack(of_step).sum().backward()
        losses.append([loss.detach() for loss in of_step])
        gradients.append([[weight.grad.clone() for weight in stage] for stage in weights])
        if rate is not None:
            with torch.no_grad():
                for weight in every:
                    weight -= rate * weight.grad
                    weight.grad = None
    return losses, gradients


def check_training(check: Any, drivers: Any, stages: list[list[Tensor]], steps: list[Step], rate: float | None) -> Any:
    """Gradients on every rank, losses on the last, none elsewhere."""
    found = one_a_rank(check, drivers.pipeline_training(stages, steps, rate), len(stages), "run_pipeline_step")
    losses, gradients = expected(stages, steps, rate)
    for rank, result in enumerate(found):
        who = f"run_pipeline_step on rank {rank} of {len(stages)}"
        for what in ("losses", "gradients", "passes"):
            check.equal(len(result[what]), len(steps), who=f"{who}, as the number of steps with {what},")
        for of_step in result["gradients"]:
            check.equal(len(of_step), len(stages[rank]), who=f"{who}, as the number of gradients,")
        for step, got in enumerate(result["losses"]):
            if rank < len(stages) - 1:
                check.equal(got, [], who=f"{who}, which is not the last,")
                continue
            check.equal([type(each) for each in got], [float] * len(steps[step][0]), who=f"{who}, as types,")
            scale = float(torch.stack(losses[step]).abs().max())
            for number, (loss, wanted) in enumerate(zip(got, losses[step], strict=True)):
                right = abs(loss - float(wanted)) <= RTOL * scale
                check.that(right, f"{who} returned a wrong loss of micro-batch {number}; expected them in order")
        for step, got in enumerate(result["gradients"]):
            for gradient, wanted in zip(got, gradients[step][rank], strict=True):
                check.close(gradient, wanted, rtol=RTOL, who=f"{who}, as a gradient after step {step},")
    return found


def check_in_flight(check: Any, found: list[dict[str, Any]], micro_batches: int) -> None:
    """Each micro-batch passes once each way, and rank r of N never has more than N - r under way."""
    for rank, result in enumerate(found):
        for passes in result["passes"]:
            who, most = f"run_pipeline_step on rank {rank} of {len(found)}", len(found) - rank
            count = (passes.count("F"), passes.count("B"))
            check.that(
                count == (micro_batches, micro_batches),
                f"{who} had {count[0]} forward and {count[1]} backward passes; expected {micro_batches} of each",
            )
            height = max(passes[:end].count("F") - passes[:end].count("B") for end in range(len(passes) + 1))
            check.that(
                height <= most,
                f"{who} had {height} micro-batches in flight, in the order {passes}; expected at most {most}",
            )


def check_messages(check: Any, found: list[dict[str, Any]], micro_batches: int, numel: int) -> None:
    """A rank sends each activation on, each gradient back, and nothing else."""
    for rank, result in enumerate(found):
        neighbours = (rank > 0) + (rank < len(found) - 1)
        for operation in ("send", "recv"):
            got = [event["numel"] for event in result["events"] if event["operation"] == operation]
            check.that(
                got == [numel] * (neighbours * micro_batches),
                f"rank {rank} of {len(found)} began {len(got)} times {operation}, of {sum(got)} elements in all; "
                f"expected {neighbours * micro_batches} times {numel} elements",
            )
        others = {event["operation"] for event in result["events"]} - {"send", "recv"}
        check.that(not others, f"rank {rank} of {len(found)} began {', '.join(sorted(others))}; expected send and recv")
