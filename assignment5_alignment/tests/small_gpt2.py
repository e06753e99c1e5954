"""GPT-2 as a function of its weights, in float64: what trained policies are held against.

Written here once more, so that the expected values come from no library, and of no version of one.
"""

import math
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

Weights = Mapping[str, Tensor]


def logits(weights: Weights, ids: Tensor, heads: int) -> Tensor:
    """(rows, length) to (rows, length, vocabulary); Radford et al. 2019, normalisation before each half of a layer."""
    embedding = weights["transformer.wte.weight"]
    hidden = embedding[ids] + weights["transformer.wpe.weight"][: ids.shape[1]]
    layer = 0
    while (place := f"transformer.h.{layer}.") + "ln_1.weight" in weights:
        hidden = hidden + _attention(weights, place, _normed(weights, f"{place}ln_1", hidden), heads)
        wide = _linear(weights, f"{place}mlp.c_fc", _normed(weights, f"{place}ln_2", hidden))
        hidden = hidden + _linear(weights, f"{place}mlp.c_proj", F.gelu(wide, approximate="tanh"))
        layer += 1
    return _normed(weights, "transformer.ln_f", hidden) @ embedding.T


def _attention(weights: Weights, place: str, hidden: Tensor, heads: int) -> Tensor:
    rows, length, width = hidden.shape
    q, k, v = (
        part.view(rows, length, heads, -1).transpose(1, 2)
        for part in _linear(weights, f"{place}attn.c_attn", hidden).split(width, dim=-1)
    )
    scores = q @ k.transpose(2, 3) / math.sqrt(width // heads)
    ahead = torch.ones(length, length, dtype=torch.bool).triu(1)
    mixed = scores.masked_fill(ahead, -math.inf).softmax(dim=-1) @ v
    return _linear(weights, f"{place}attn.c_proj", mixed.transpose(1, 2).reshape(rows, length, width))


def _linear(weights: Weights, name: str, hidden: Tensor) -> Tensor:
    return hidden @ weights[f"{name}.weight"] + weights[f"{name}.bias"]


def _normed(weights: Weights, name: str, hidden: Tensor) -> Tensor:
    return F.layer_norm(hidden, hidden.shape[-1:], weights[f"{name}.weight"], weights[f"{name}.bias"], 1e-5)
