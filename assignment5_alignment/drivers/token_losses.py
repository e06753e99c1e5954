"""Functions of tensors: called with autograd, with an eye on their arguments, and a microbatch at a time."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from assignment5_alignment import adapters


def call_with_gradients(name: str, arguments: dict[str, Any], wrt: list[str], cotangent: Tensor) -> dict[str, Any]:
    """Call the adapter `name`, which returns a tensor, or a tensor and a dict.

    `wrt` names the arguments to differentiate by.

    Returns:
        {"output": the tensor, "clipped": what the dict has under that key, "d_<argument>": the gradient of
        sum(output * cotangent) for each argument; None where no path leads from it to the output}.
    """
    leaves = {key: arguments[key].detach().clone().requires_grad_() for key in wrt}
    output, details = _parts(name, getattr(adapters, name)(**{**arguments, **leaves}))
    if output.shape != cotangent.shape:
        raise ValueError(f"{name} returned a tensor {list(output.shape)}; expected {list(cotangent.shape)}")
    gradients: list[Tensor | None] = [None] * len(leaves)
    if output.requires_grad:
        # Not `grad_outputs=cotangent`, which imports sympy: a third of a second in every fresh process.
        total = (output * cotangent.to(output.dtype)).sum()
        gradients = list(torch.autograd.grad(total, list(leaves.values()), allow_unused=True))
    found = {f"d_{key}": gradient for key, gradient in zip(leaves, gradients, strict=True)}
    return {"output": output.detach(), "clipped": details.get("clipped"), **found}


def call_keeping_arguments(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Call the adapter `name`; return {"arguments": as they are after the call}."""
    getattr(adapters, name)(**arguments)
    return {"arguments": arguments}


def microbatch_steps(name: str, log_probs: Tensor, microbatches: list[dict[str, Any]]) -> dict[str, Any]:
    """Call the adapter `name`, a step with a backward pass of its own, once for each microbatch.

    All microbatches are rows of one leaf `log_probs`, in order: as in training, gradients add up in one place.
    Each dict has the other arguments of one call.

    Returns:
        {"losses": a list, "attached": whether a loss still holds its graph, "clipped": what the calls returned beside
        the losses under that key, "gradients": of the whole leaf, after each call, "log_probs" and "arguments": as they
        are after the calls}.
    """
    leaf = log_probs.detach().clone().requires_grad_()
    found: dict[str, Any] = {"losses": [], "attached": False, "clipped": [], "gradients": []}
    start = 0
    for arguments in microbatches:
        rows = len(arguments["response_mask"])
        loss, details = _parts(name, getattr(adapters, name)(leaf[start : start + rows], **arguments))
        start += rows
        found["losses"].append(loss.detach().clone())
        found["attached"] = found["attached"] or loss.requires_grad
        found["clipped"].append(details.get("clipped"))
        found["gradients"].append(torch.zeros_like(leaf) if leaf.grad is None else leaf.grad.clone())
    return {**found, "log_probs": leaf.detach(), "arguments": microbatches}


def _parts(name: str, result: Any) -> tuple[Tensor, dict[str, Any]]:
    """A tensor, and a dict that may be missing."""
    output, details = result if isinstance(result, tuple) and len(result) == 2 else (result, {})
    if not isinstance(output, Tensor):
        raise TypeError(f"{name} returned {type(output).__name__}; expected a tensor")
    if not isinstance(details, dict):
        raise TypeError(f"{name} returned a tensor and {type(details).__name__}; expected a dict")
    return output, details
