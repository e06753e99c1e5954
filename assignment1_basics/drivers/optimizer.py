"""AdamW and gradient clipping. A group is the keywords of a parameter group, with tensors as "params"."""

from __future__ import annotations

import io
from typing import Any

import torch
from torch import Tensor

from assignment1_basics import adapters


def _parameter_groups(groups: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[torch.nn.Parameter]]:
    """The groups with tensors made parameters, and all parameters in order."""
    made = [
        {**group, "params": [torch.nn.Parameter(tensor.detach().clone()) for tensor in group["params"]]}
        for group in groups
    ]
    return made, [parameter for group in made for parameter in group["params"]]


def _steps(
    optimizer: torch.optim.Optimizer,
    parameters: list[torch.nn.Parameter],
    gradients: list[list[Tensor | None]],
    rates: list[list[float]] | None = None,
) -> list[list[Tensor]]:
    """Take a step for each list of gradients; return copies of the parameters after each.

    A gradient is written into the tensor of the step before it, as backward() does; `rates` are the learning
    rates of the groups in each step.
    """
    history = []
    for number, step in enumerate(gradients):
        for group, rate in zip(optimizer.param_groups, rates[number] if rates else [], strict=False):
            group["lr"] = rate
        for parameter, gradient in zip(parameters, step, strict=True):
            if gradient is None or parameter.grad is None:
                parameter.grad = gradient
            else:
                parameter.grad.copy_(gradient)
        optimizer.step()
        history.append([parameter.detach().clone() for parameter in parameters])
    return history


def adamw_steps(
    groups: list[dict[str, Any]],
    options: dict[str, Any],
    gradients: list[list[Tensor | None]],
    rates: list[list[float]] | None = None,
) -> list[list[Tensor]]:
    """All parameters after each step of one optimizer."""
    made, parameters = _parameter_groups(groups)
    return _steps(adapters.get_adamw_cls()(made, **options), parameters, gradients, rates)


def adamw_steps_with_a_pause(
    groups: list[dict[str, Any]],
    options: dict[str, Any],
    options_on_return: dict[str, Any],
    gradients: list[list[Tensor | None]],
    pause: int,
) -> list[list[Tensor]]:
    """The same, but after `pause` steps a new optimizer takes over by the old one's saved state_dict."""
    made, parameters = _parameter_groups(groups)
    old = adapters.get_adamw_cls()(made, **options)
    history = _steps(old, parameters, gradients[:pause])
    saved = io.BytesIO()
    torch.save(old.state_dict(), saved)
    saved.seek(0)
    renewed, parameters = _parameter_groups(made)
    new = adapters.get_adamw_cls()([{"params": group["params"]} for group in renewed], **options_on_return)
    new.load_state_dict(torch.load(saved, weights_only=True))
    return history + _steps(new, parameters, gradients[pause:])


def adamw_steps_with_a_late_group(
    groups: list[dict[str, Any]], options: dict[str, Any], gradients: list[list[Tensor | None]], late: int
) -> list[list[Tensor]]:
    """The same, but the last group is added by add_param_group after `late` steps."""
    made, parameters = _parameter_groups(groups)
    optimizer = adapters.get_adamw_cls()(made[:-1], **options)
    history = _steps(optimizer, parameters, gradients[:late])
    optimizer.add_param_group(made[-1])
    return history + _steps(optimizer, parameters, gradients[late:])


def adamw_training(
    start: Tensor, target: Tensor, options: dict[str, Any], steps: int, set_to_none: bool
) -> list[Tensor]:
    """Minimise half the squared distance of `start` to `target`; return each iterate."""
    parameter = torch.nn.Parameter(start)
    optimizer = adapters.get_adamw_cls()((each for each in [parameter]), **options)
    history = []
    for _ in range(steps):
        optimizer.zero_grad(set_to_none=set_to_none)
        (0.5 * (parameter - target).square().sum()).backward()
        optimizer.step()
        history.append(parameter.detach().clone())
    return history


def adamw_closure(start: Tensor, target: Tensor, options: dict[str, Any]) -> tuple[Any, int, Tensor]:
    """One step with a closure: what step returned, how often it called the closure, and the parameter."""
    parameter = torch.nn.Parameter(start)
    optimizer = adapters.get_adamw_cls()([parameter], **options)
    calls = 0

    def closure() -> Tensor:
        nonlocal calls
        calls += 1
        optimizer.zero_grad()
        loss = 0.5 * (parameter - target).square().sum()
        loss.backward()
        return loss

    loss = optimizer.step(closure)
    return loss, calls, parameter.detach()


def clipped_gradients(
    gradients: list[Tensor | None], max_l2_norm: float, container: str
) -> tuple[list[Tensor | None], list[Tensor | None]]:
    """Clip parameters that have these gradients, given as a "list", "tuple" or "generator".

    Returns what the gradient tensors hold that were there before the call, and what `.grad` holds after it.
    """
    parameters = []
    for gradient in gradients:
        parameter = torch.nn.Parameter(torch.ones(3) if gradient is None else torch.ones_like(gradient))
        parameter.grad = gradient
        parameters.append(parameter)
    given = {"list": parameters, "tuple": tuple(parameters), "generator": (each for each in parameters)}
    adapters.run_gradient_clipping(given[container], max_l2_norm)
    return gradients, [parameter.grad for parameter in parameters]
