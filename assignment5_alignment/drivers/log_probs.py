"""Log-probabilities of labels under models, which are made here of weights that can travel."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from assignment5_alignment import adapters, models


class Table(torch.nn.Module):
    """A model whose logits depend on the last token and its place: plain tensors, in any dtype.

    It is called as a model of transformers is, has a device as one, and answers as one does: by attribute, key or place.
    It counts how often it is called, with which inputs and modes, and whether a gradient was to be had.
    """

    def __init__(self, table: Tensor, places: Tensor) -> None:
        super().__init__()
        self.table = torch.nn.Parameter(table.clone())
        self.places = torch.nn.Parameter(places.clone())
        self.calls: list[dict[str, Any]] = []

    @property
    def device(self) -> torch.device:
        return self.table.device

    def forward(self, input_ids: Tensor, **_: Any) -> Any:
        from transformers.modeling_outputs import CausalLMOutput  # importing it takes seconds, and few drivers need it

        gradient = torch.is_grad_enabled()
        self.calls.append({"ids": input_ids.detach().clone(), "training": self.training, "gradient": gradient})
        return CausalLMOutput(logits=self.table[input_ids] + self.places[: input_ids.shape[1]])


def table_log_probs(
    table: Tensor,
    places: Tensor,
    input_ids: Tensor,
    labels: Tensor,
    entropy: bool,
    cotangents: dict[str, Tensor],
    training: bool = False,
) -> dict[str, Any]:
    """`run_get_response_log_probs` of the model with logits table[token] + places[place].

    Returns:
        "keys", all keys that there were; "values", the tensors under the two that are asked for; "gradients" of the sum of
        values times `cotangents`, by the two weights, None where no path leads there; "calls" that the model saw;
        "training", its mode afterwards; "arguments", the two tensors of ids afterwards.
    """
    model = Table(table, places).train(training)
    found = _found(adapters.run_get_response_log_probs(model, input_ids, labels, entropy))
    values = {name: found[name] for name in ("log_probs", "token_entropy") if isinstance(found.get(name), Tensor)}
    terms = [
        (values[name] * cotangent).sum()
        for name, cotangent in cotangents.items()
        if name in values and values[name].shape == cotangent.shape and values[name].requires_grad
    ]
    gradients: tuple[Tensor | None, ...] = (None, None)
    if terms:
        gradients = torch.autograd.grad(torch.stack(terms).sum(), [model.table, model.places], allow_unused=True)
    return {
        "keys": sorted(map(str, found)),
        "values": {name: value.detach() for name, value in values.items()},
        "gradients": dict(zip(("table", "places"), gradients, strict=True)),
        "calls": model.calls,
        "training": model.training,
        "arguments": [input_ids, labels],
    }


def model_log_probs(name: str, weights: dict[str, Tensor], input_ids: Tensor, labels: Tensor) -> dict[str, Any]:
    """`run_get_response_log_probs` of a small model of Hugging Face's, with these weights and entropies.

    Returns:
        The dict that was returned, and under "gradients" those of the sum of "log_probs" by each weight, None where none
        reaches it.
    """
    model = models.causal_lm(name, weights)
    found = _found(adapters.run_get_response_log_probs(model, input_ids, labels, True))
    log_probs = found.get("log_probs")
    if isinstance(log_probs, Tensor) and log_probs.requires_grad:
        log_probs.sum().backward()
    values = {key: value.detach() for key, value in found.items() if isinstance(value, Tensor)}
    return values | {"gradients": {key: parameter.grad for key, parameter in model.named_parameters()}}


def _found(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"run_get_response_log_probs returned {type(value).__name__}; expected a dict")
    return value
