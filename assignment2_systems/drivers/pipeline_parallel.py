"""Steps of a pipeline: gradients and losses of each rank, what was in flight there, and what was sent.

A stage is a list of square weights, W, applied as x -> silu(W x) one after the other.
"""

from __future__ import annotations

import importlib
from typing import Any

import torch
from torch import Tensor, nn

from assignment2_systems import adapters
from assignment2_systems.drivers import ranks
from assignment2_systems.drivers.recorder import Recorder


def pipeline_training(
    stages: list[list[Tensor]], steps: list[tuple[list[Tensor], list[Tensor]]], rate: float | None
) -> list[dict[str, Any]]:
    """Of each rank: "losses" of each step, "gradients" after each, "passes" as letters F and B, "events".

    A step has inputs and cotangents, one a micro-batch; the loss of an output is its product with the cotangent. With
    a `rate` there is a step of gradient descent after each, without one gradients add up.
    """
    importlib.import_module("torch.fx.experimental.symbolic_shapes")  # `backward` of a tensor would, on each rank
    return ranks.run(len(stages), _training, stages, steps, rate)


class Stage(nn.Module):
    """Notes an F for each forward pass and a B for each backward pass."""

    def __init__(self, weights: list[Tensor]) -> None:
        super().__init__()
        self.weights = nn.ParameterList(nn.Parameter(weight.clone()) for weight in weights)
        self.passes: list[str] = []

    def forward(self, x: Tensor) -> Tensor:
        self.passes.append("F")
        for weight in self.weights:
            x = nn.functional.silu(x @ weight.T)
        return _Noted.apply(x, self.passes)


class _Noted(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, passes: list[str]) -> Tensor:
        ctx.passes = passes
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        ctx.passes.append("B")
        return gradient, None


def _training(
    rank: int,
    recorder: Recorder,
    stages: list[list[Tensor]],
    steps: list[tuple[list[Tensor], list[Tensor]]],
    rate: float | None,
) -> dict[str, Any]:
    stage = Stage(stages[rank])
    losses, gradients, passes = [], [], []
    for inputs, cotangents in steps:
        stage.passes.clear()
        losses.append(_step(rank, len(stages), stage, inputs, cotangents))
        gradients.append([parameter.grad.clone() for parameter in stage.parameters()])
        passes.append("".join(stage.passes))
        if rate is not None:
            with torch.no_grad():
                for parameter in stage.parameters():
                    parameter -= rate * parameter.grad
                    parameter.grad = None
    events = [event for event in recorder.events if event["operation"] != "wait"]
    return {"losses": losses, "gradients": gradients, "passes": passes, "events": events}


def _step(rank: int, world_size: int, stage: Stage, inputs: list[Tensor], cotangents: list[Tensor]) -> list[float]:
    def loss(output: Tensor, number: int) -> Tensor:
        return (output * cotangents[number]).sum()

    return adapters.run_pipeline_step(
        stage,
        inputs if rank == 0 else None,
        len(inputs),
        loss if rank == world_size - 1 else None,
        torch.zeros_like(inputs[0]),
    )
