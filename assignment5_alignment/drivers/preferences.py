"""Comparisons: files of them, and the loss of one with its gradients."""

from typing import Any

import torch
from torch import Tensor

from assignment5_alignment import adapters, models
from assignment5_alignment.drivers.workplace import workplace


def load_hh(files: dict[str, bytes]) -> list[dict[str, str]]:
    """`run_load_hh` of a folder that holds `files`."""
    with workplace(files) as place:
        return adapters.run_load_hh(place)


def dpo_loss(
    tokenizer: str,
    weights: dict[str, Tensor],
    reference_weights: dict[str, Tensor],
    beta: float,
    prompt: str,
    responses: tuple[str, str],
) -> dict[str, Any]:
    """`run_compute_per_instance_dpo_loss` of small models with these weights, then its backward pass.

    Returns:
        {"loss": what it returned; "gradients": of the model by the names of its parameters, zeros where none arrived, or None
        where the loss has no gradient at all; "reference_touched": whether a parameter of the reference has a gradient, or
        either model another mode or another number in it}.
    """
    lm, reference = models.causal_lm("tiny-gpt2", weights), models.causal_lm("tiny-gpt2", reference_weights)
    loss = adapters.run_compute_per_instance_dpo_loss(
        lm, reference, models.tokenizer(tokenizer), beta, prompt, responses[0], responses[1]
    )
    if not isinstance(loss, Tensor) or not loss.requires_grad or loss.numel() != 1:
        return {
            "loss": loss.detach() if isinstance(loss, Tensor) else loss,
            "gradients": None,
            "reference_touched": False,
        }
    loss.sum().backward()
    gradients = {
        name: torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        for name, parameter in lm.named_parameters()
    }
    touched = (
        any(parameter.grad is not None for parameter in reference.parameters())
        or lm.training
        or reference.training
        or not _holds(lm, weights)
        or not _holds(reference, reference_weights)
    )
    return {"loss": loss.detach(), "gradients": gradients, "reference_touched": touched}


def _holds(model: torch.nn.Module, weights: dict[str, Tensor]) -> bool:
    state = model.state_dict()
    return all(torch.equal(state[name], tensor) for name, tensor in weights.items())
