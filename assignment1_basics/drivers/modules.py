"""Modules: an instance, called, differentiated, and trained for a few steps."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from assignment1_basics.drivers.construction import new_module
from assignment1_basics.drivers.gradients import gradients_of, tensor_from


def module_output(cls_adapter: str, arguments: dict[str, Any], inputs: list[Tensor], seed: int) -> Tensor:
    """The output of a new module."""
    torch.manual_seed(seed)
    return tensor_from(cls_adapter, new_module(cls_adapter, arguments)(*inputs)).detach()


def module_outputs(cls_adapter: str, arguments: dict[str, Any], calls: list[list[Tensor]], seed: int) -> list[Tensor]:
    """Build one module and call it once with each list of inputs; return the outputs in order."""
    torch.manual_seed(seed)
    module = new_module(cls_adapter, arguments)
    return [module(*inputs).detach() for inputs in calls]


def outputs_in_dtypes(
    cls_adapter: str, arguments: dict[str, Any], inputs: list[Tensor], dtypes: list[str], seed: int
) -> list[Tensor]:
    """Build the module in each dtype, all with the weights of the first; return the output of each."""
    torch.manual_seed(seed)
    modules = [new_module(cls_adapter, {**arguments, "dtype": dtype}) for dtype in dtypes]
    for module in modules[1:]:
        module.load_state_dict(modules[0].state_dict())
    return [module(*inputs).detach() for module in modules]


def gradients_of_only_parameter(
    cls_adapter: str, arguments: dict[str, Any], value: Tensor, inputs: list[Tensor], cotangent: Tensor
) -> tuple[Tensor, Tensor | None]:
    """Set the only parameter of a new module to `value`; return its output and the parameter's gradient.

    A module may store its matrix transposed: the gradient comes back in the layout of `value`.
    """
    module = new_module(cls_adapter, arguments)
    parameters = list(module.parameters())
    if len(parameters) != 1:
        raise ValueError(f"{cls_adapter}: an instance has {len(parameters)} parameters; expected one")
    parameter = parameters[0]
    transposed = parameter.shape != value.shape
    with torch.no_grad():
        parameter.copy_(value.T if transposed else value)
    output = module(*inputs)
    (gradient,) = gradients_of(output, [parameter], cotangent)
    if gradient is not None and transposed:
        gradient = gradient.T.contiguous()
    return output.detach(), gradient


def parameter_gradients(
    cls_adapter: str, arguments: dict[str, Any], inputs: list[Tensor], cotangent: Tensor, seed: int
) -> list[Tensor | None]:
    """The gradient of sum(output * cotangent) for every parameter of a new module; None where none arrives.

    Parameters that do not require a gradient are left out.
    """
    torch.manual_seed(seed)
    module = new_module(cls_adapter, arguments)
    parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
    return gradients_of(module(*inputs), parameters, cotangent)


def outputs_along_a_line(
    cls_adapter: str,
    arguments: dict[str, Any],
    inputs: list[Tensor],
    cotangent: Tensor,
    step: float,
    seed: int,
) -> tuple[Tensor, Tensor, list[Tensor], list[Tensor | None]]:
    """Move all parameters of a new module along one random direction, by -step and by +step.

    Returns both outputs, the direction (a tensor a parameter) and the gradients of sum(output * cotangent) at
    the start: what a test needs to hold gradients against a difference quotient without knowing their names.
    """
    torch.manual_seed(seed)
    module = new_module(cls_adapter, arguments)
    parameters = list(module.parameters())
    direction = [torch.randn_like(parameter) for parameter in parameters]
    gradients = gradients_of(module(*inputs), parameters, cotangent)
    outputs = []
    with torch.no_grad():
        starts = [parameter.clone() for parameter in parameters]
        for signed_step in (-step, step):
            for parameter, start, slope in zip(parameters, starts, direction, strict=True):
                parameter.copy_(start + signed_step * slope)
            outputs.append(module(*inputs))
    return outputs[0], outputs[1], direction, gradients


def logits_around_training(
    adapter: str,
    arguments: dict[str, Any],
    tokens: Tensor,
    targets: Tensor,
    steps: int,
    learning_rate: float,
    seed: int,
) -> tuple[Tensor, Tensor]:
    """Train a new language model on one batch; return its logits before the first and after the last step.

    The gradient of cross-entropy and an optimizer (Adam without bias correction) are written out here: the
    outcome depends on the student's model alone.
    """
    torch.manual_seed(seed)
    model = new_module(adapter, arguments)
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    moments = [(torch.zeros_like(parameter), torch.zeros_like(parameter)) for parameter in parameters]
    first = logits = model(tokens)
    for _ in range(steps):
        with torch.no_grad():
            weights = (logits - logits.max(-1, keepdim=True).values).exp()
            slope = weights / weights.sum(-1, keepdim=True)
            slope.scatter_add_(-1, targets.unsqueeze(-1), torch.full(targets.shape, -1.0).unsqueeze(-1))
        gradients = gradients_of(logits, parameters, slope / targets.numel())
        with torch.no_grad():
            for parameter, gradient, (mean, square) in zip(parameters, gradients, moments, strict=True):
                if gradient is not None:
                    mean.lerp_(gradient, 0.1)
                    square.lerp_(gradient * gradient, 0.01)
                    parameter -= learning_rate * mean / (square.sqrt() + 1e-8)
        logits = model(tokens)
    return first.detach(), logits.detach()
