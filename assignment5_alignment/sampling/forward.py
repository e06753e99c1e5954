"""The logits after the last token of each row, one token at a time, for the two kinds of model there are.

A model of Hugging Face's keeps keys and values of what it has seen: rows are padded on the left, and every step feeds one
token. Any other module gets the whole rows each time, padded on the right: what is causal does not see what comes after.
"""

from typing import Any, Protocol

import torch
from jaxtyping import Float, Int
from torch import Tensor


class Forward(Protocol):
    """Rows of tokens that grow by one at a time."""

    def first(self) -> Float[Tensor, "rows vocabulary"]:
        """Logits after the prompts."""

    def next(self, tokens: Int[Tensor, " rows"], keep: Int[Tensor, " kept"]) -> Float[Tensor, "kept vocabulary"]:
        """Logits after one token more a row, for the rows `keep` alone; the others are finished and forgotten."""


class CachedForward:
    """Left padding, position numbers that begin at each prompt's first token, and a cache."""

    def __init__(self, model: Any, prompts: list[list[int]], device: torch.device) -> None:
        longest = max(map(len, prompts))
        self._model = model
        self._ids = torch.tensor([[0] * (longest - len(row)) + row for row in prompts], device=device)
        self._mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in prompts], device=device)

    def first(self) -> Float[Tensor, "rows vocabulary"]:
        """Logits after the prompts."""
        positions = (self._mask.cumsum(dim=-1) - 1).clamp(min=0)
        return self._step(self._ids, positions, None)

    def next(self, tokens: Int[Tensor, " rows"], keep: Int[Tensor, " kept"]) -> Float[Tensor, "kept vocabulary"]:
        """Logits after one token more a row, for the rows `keep` alone."""
        if len(keep) < len(self._mask):
            self._cache.batch_select_indices(keep)
            self._mask = self._mask[keep]
        self._mask = torch.cat([self._mask, self._mask.new_ones(len(keep), 1)], dim=-1)
        positions = self._mask.sum(dim=-1, keepdim=True) - 1
        return self._step(tokens[keep, None], positions, self._cache)

    def _step(self, ids: Tensor, positions: Tensor, cache: Any) -> Tensor:
        reply = self._model(
            input_ids=ids,
            attention_mask=self._mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
        )
        self._cache = reply.past_key_values
        return reply.logits[:, -1]


class WholeForward:
    """Right padding, and everything anew each time."""

    def __init__(self, model: Any, prompts: list[list[int]], device: torch.device) -> None:
        longest = max(map(len, prompts))
        self._model = model
        self._lengths = torch.tensor([len(row) for row in prompts], device=device)
        self._ids = torch.tensor([row + [0] * (longest - len(row)) for row in prompts], device=device)

    def first(self) -> Float[Tensor, "rows vocabulary"]:
        """Logits after the prompts."""
        reply = self._model(self._ids)
        logits = getattr(reply, "logits", reply)
        return logits[torch.arange(len(self._ids), device=self._ids.device), self._lengths - 1]

    def next(self, tokens: Int[Tensor, " rows"], keep: Int[Tensor, " kept"]) -> Float[Tensor, "kept vocabulary"]:
        """Logits after one token more a row, for the rows `keep` alone."""
        self._ids = torch.cat([self._ids, self._ids.new_zeros(len(self._ids), 1)], dim=-1)[keep]
        self._lengths = self._lengths[keep]
        self._ids.scatter_(1, self._lengths[:, None], tokens[keep, None])
        self._lengths = self._lengths + 1
        self._ids = self._ids[:, : int(self._lengths.max())]
        return self.first()


def forward(model: Any, prompts: list[list[int]], device: torch.device) -> Forward:
    """The way to the logits of `model`: with a cache where its configuration is Hugging Face's, else without."""
    cached = hasattr(getattr(model, "config", None), "model_type")
    return (CachedForward if cached else WholeForward)(model, prompts, device)
