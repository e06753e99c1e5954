"""A small causal policy that is made of plain tensors, and a witness of what goes through a model."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from assignment5_alignment import models

OWN = "own"


class TinyPolicy(torch.nn.Module):
    """Three matrices: each token's embedding is added to the mean of those up to it, mixed, and read out.

    It is called as a model of transformers is. It has no dropout, so both modes compute the same.
    """

    def __init__(self, weights: dict[str, Tensor]) -> None:
        super().__init__()
        self.embedding = torch.nn.Parameter(weights["embedding"].clone())
        self.mixing = torch.nn.Parameter(weights["mixing"].clone())
        self.head = torch.nn.Parameter(weights["head"].clone())

    @property
    def device(self) -> torch.device:
        return self.embedding.device

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, **_: Any) -> Any:
        from transformers.modeling_outputs import CausalLMOutput  # importing it takes seconds, and few drivers need it

        embedded = self.embedding[input_ids]
        counts = torch.arange(1, input_ids.shape[1] + 1, device=input_ids.device).unsqueeze(-1)
        hidden = torch.tanh((embedded + embedded.cumsum(dim=1) / counts) @ self.mixing)
        return CausalLMOutput(logits=hidden @ self.head)


class Witness:
    """Notes the token ids of each batch that a model is called with."""

    def __init__(self, model: torch.nn.Module) -> None:
        self.batches: list[Tensor] = []
        model.register_forward_pre_hook(self._note, with_kwargs=True)

    def _note(self, module: torch.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        ids = args[0] if args else kwargs.get("input_ids")
        if not isinstance(ids, Tensor):
            raise TypeError("the model was called without a tensor of token ids")
        self.batches.append(ids.detach().clone())


def policy(kind: str, weights: dict[str, Tensor]) -> torch.nn.Module:
    """A model with these weights: the one above, or one of `models` by its name."""
    return TinyPolicy(weights) if kind == OWN else models.causal_lm(kind, weights)
