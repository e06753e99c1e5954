"""Models described by plain data: layers that are applied one after the other, each by its name.

A layer is a tuple (kind, name, sizes ...). Names may hold dots, which nest modules. Kinds: `embedding` rows width;
`linear` out in; `head` out in tied, where `tied` names an embedding whose weight it shares; `norm` width;
`attention` width heads and `feed_forward` width inner, each added to its input; `torch_embedding`, `torch_linear`
(with a bias) of torch.nn; `shift` width, which adds a parameter and a buffer; `silu`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from assignment1_basics import nn as basics


class Shift(nn.Module):
    """x + gain * offset, of which `offset` is a buffer."""

    def __init__(self, width: int, dtype: torch.dtype) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.empty(width, dtype=dtype))
        self.register_buffer("offset", torch.empty(width, dtype=dtype))

    def forward(self, x: Tensor) -> Tensor:
        return x + (self.gain * self.offset).to(x.dtype)


class Silu(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(x)


def _layer(kind: str, sizes: Sequence[Any], dtype: torch.dtype) -> nn.Module:
    if kind == "embedding":
        return basics.Embedding(*sizes, dtype=dtype)
    if kind in ("linear", "head"):
        return basics.Linear(sizes[1], sizes[0], dtype=dtype)
    if kind == "norm":
        return basics.RMSNorm(*sizes, dtype=dtype)
    if kind == "attention":
        return basics.MultiHeadSelfAttention(*sizes, dtype=dtype)
    if kind == "feed_forward":
        return basics.SwiGLU(*sizes, dtype=dtype)
    if kind == "torch_embedding":
        return nn.Embedding(*sizes, dtype=dtype)
    if kind == "torch_linear":
        return nn.Linear(sizes[1], sizes[0], dtype=dtype)
    if kind == "shift":
        return Shift(sizes[0], dtype)
    return Silu()


class Chain(nn.Module):
    """The layers one after the other. `scale`, by keyword, is what the result is multiplied with."""

    def __init__(self, layers: Sequence[Sequence[Any]], weights: dict[str, Tensor]) -> None:
        super().__init__()
        self._steps = [(kind, name) for kind, name, *_ in layers]
        dtype = next(iter(weights.values())).dtype
        for kind, name, *sizes in layers:
            parent: nn.Module = self
            *path, last = name.split(".")
            for part in path:
                if not hasattr(parent, part):
                    parent.add_module(part, nn.Module())
                parent = parent.get_submodule(part)
            parent.add_module(last, _layer(kind, sizes, dtype))
            if kind == "head":
                self.get_submodule(name).weight = self.get_submodule(sizes[2]).weight
        self.load_state_dict(weights)

    def forward(self, x: Tensor, *, scale: float = 1.0) -> Tensor:
        for kind, name in self._steps:
            layer = self.get_submodule(name)
            x = x + layer(x) if kind in ("attention", "feed_forward") else layer(x)
        return x * scale
