"""A mixture of experts, whose calls give an output and a loss: differentiated, moved, counted.

`arguments` are those of run_mixture_of_experts; a total is sum(output * cotangent) + loss_weight * loss.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from assignment1_basics import adapters
from assignment1_basics.drivers.calls import MatmulRecorder
from assignment1_basics.drivers.construction import new_module
from assignment1_basics.drivers.gradients import gradients_of, tensor_from


def _pair(result: Any) -> tuple[Tensor, Tensor]:
    if not isinstance(result, tuple) or len(result) != 2:
        raise TypeError(f"MixtureOfExperts returned {type(result).__name__}; expected a tuple (output, loss)")
    return tensor_from("MixtureOfExperts", result[0]), tensor_from("MixtureOfExperts (loss)", result[1])


def _total(result: Any, cotangent: Tensor, loss_weight: float) -> Tensor:
    output, loss = _pair(result)
    if output.shape != cotangent.shape:
        raise ValueError(f"the output has the shape {list(output.shape)}; expected {list(cotangent.shape)}")
    return (output * cotangent).sum() + loss_weight * loss


def mixture_input_gradient(
    arguments: dict[str, Any], cotangent: Tensor, loss_weight: float
) -> tuple[Tensor, Tensor | None]:
    """The output, and the gradient of the total for in_features; None where no path leads there."""
    leaf = arguments["in_features"].detach().clone().requires_grad_()
    output, loss = _pair(adapters.run_mixture_of_experts(**{**arguments, "in_features": leaf}))
    total = _total((output, loss), cotangent, loss_weight)
    return output.detach(), gradients_of(total, [leaf], torch.ones(()))[0]


def mixture_along_a_line(
    arguments: dict[str, Any], x: Tensor, cotangent: Tensor, loss_weight: float, step: float, seed: int
) -> tuple[Tensor, Tensor, list[Tensor], list[Tensor | None]]:
    """Move all parameters of a new float64 layer along one random direction, by -step and by +step.

    Returns both totals, the direction and the gradients of the total at the start, a tensor a parameter: so
    gradients can be held against a difference quotient, however the layer stores its experts.
    """
    torch.manual_seed(seed)
    module = new_module("get_mixture_of_experts_cls", {**arguments, "dtype": "float64"})
    parameters = list(module.parameters())
    direction = [torch.randn_like(parameter) for parameter in parameters]
    gradients = gradients_of(_total(module(x), cotangent, loss_weight), parameters, torch.ones(()))
    totals = []
    with torch.no_grad():
        starts = [parameter.clone() for parameter in parameters]
        for signed_step in (-step, step):
            for parameter, start, slope in zip(parameters, starts, direction, strict=True):
                parameter.copy_(start + signed_step * slope)
            totals.append(_total(module(x), cotangent, loss_weight))
    return totals[0], totals[1], direction, gradients


def mixture_output_types(arguments: dict[str, Any], x: Tensor, dtype: str) -> tuple[str, str]:
    """The dtypes of output and loss of a new layer of this dtype."""
    module = new_module("get_mixture_of_experts_cls", {**arguments, "dtype": dtype})
    output, loss = _pair(module(x.to(getattr(torch, dtype))))
    return str(output.dtype).removeprefix("torch."), str(loss.dtype).removeprefix("torch.")


def mixture_products(arguments: dict[str, Any]) -> list[tuple[list[int], list[int]]]:
    """Both operands' shapes for every matrix product of a forward pass."""
    with MatmulRecorder() as recorder:
        adapters.run_mixture_of_experts(**arguments)
    return recorder.shapes
