"""Chains of layers (see `drivers/chains.py`) on one process: computed with PyTorch's own functions, in any dtype.

What ranks make together is held against this: the same layers, all data in one place, gradients averaged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

Layers = Sequence[tuple[Any, ...]]
Batch = tuple[Tensor, Tensor]  # what goes in, and the cotangent of what comes out

BUFFERS = ("offset",)


def shapes(layers: Layers) -> dict[str, tuple[int, ...]]:
    """All entries of the chain's state, in its order."""
    found: dict[str, tuple[int, ...]] = {}
    for kind, name, *sizes in layers:
        if kind in ("embedding", "linear", "torch_embedding", "torch_linear", "head"):
            found[f"{name}.weight"] = (sizes[0], sizes[1])
        if kind == "torch_linear":
            found[f"{name}.bias"] = (sizes[0],)
        if kind == "norm":
            found[f"{name}.weight"] = (sizes[0],)
        if kind == "shift":
            found[f"{name}.gain"] = found[f"{name}.offset"] = (sizes[0],)
        if kind == "attention":
            for projection in ("q_proj", "k_proj", "v_proj", "output_proj"):
                found[f"{name}.{projection}.weight"] = (sizes[0], sizes[0])
        if kind == "feed_forward":
            width, inner = sizes
            found[f"{name}.w1.weight"] = found[f"{name}.w3.weight"] = (inner, width)
            found[f"{name}.w2.weight"] = (width, inner)
    return found


def tied(layers: Layers) -> dict[str, str]:
    """The weights that are another's: the head's name, and whose it is."""
    return {f"{name}.weight": f"{sizes[2]}.weight" for kind, name, *sizes in layers if kind == "head"}


def sharded(layers: Layers) -> dict[str, tuple[int, ...]]:
    """The matrices, which ranks keep parts of; a tied one once."""
    matrices = {name: shape for name, shape in shapes(layers).items() if len(shape) == 2}
    return {name: shape for name, shape in matrices.items() if name not in tied(layers)}


def draw_weights(draw: Any, layers: Layers, dtype: torch.dtype = torch.float64) -> dict[str, Tensor]:
    """Weights that keep activations at one scale; gains near 1; embeddings of size 1."""
    found = {}
    embeddings = [f"{name}.weight" for kind, name, *_ in layers if kind.endswith("embedding")]
    for name, shape in shapes(layers).items():
        if len(shape) == 2:
            scale = 1.0 if name in embeddings else shape[1] ** -0.5
            found[name] = draw.normal(*shape, scale=scale, dtype=dtype)
        else:
            found[name] = 1 + draw.normal(*shape, scale=0.3, dtype=dtype)
    for name, source in tied(layers).items():
        found[name] = found[source].clone()
    return found


def output(layers: Layers, weights: Mapping[str, Tensor], x: Tensor) -> Tensor:
    """What the chain makes of `x`."""
    for kind, name, *sizes in layers:
        if kind in ("embedding", "torch_embedding"):
            x = F.embedding(x, weights[f"{name}.weight"])
        elif kind in ("linear", "head"):
            x = F.linear(x, weights[f"{name}.weight"])
        elif kind == "torch_linear":
            x = F.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])
        elif kind == "norm":
            x = F.rms_norm(x, (sizes[0],), weights[f"{name}.weight"], eps=1e-5)
        elif kind == "shift":
            x = x + weights[f"{name}.gain"] * weights[f"{name}.offset"]
        elif kind == "attention":
            names = ("q_proj", "k_proj", "v_proj", "output_proj")
            x = x + attention(x, *(weights[f"{name}.{each}.weight"] for each in names), sizes[1])
        elif kind == "feed_forward":
            x = x + feed_forward(x, *(weights[f"{name}.{each}.weight"] for each in ("w1", "w2", "w3")))
        else:
            x = F.silu(x)
    return x


def attention(x: Tensor, q: Tensor, k: Tensor, v: Tensor, o: Tensor, heads: int) -> Tensor:
    """Causal multi-head self-attention without positions."""
    queries, keys, values = (F.linear(x, weight).unflatten(-1, (heads, -1)).transpose(-3, -2) for weight in (q, k, v))
    attended = F.scaled_dot_product_attention(queries, keys, values, is_causal=True)
    return F.linear(attended.transpose(-3, -2).flatten(-2), o)


def feed_forward(x: Tensor, w1: Tensor, w2: Tensor, w3: Tensor) -> Tensor:
    """SwiGLU."""
    return F.linear(F.silu(F.linear(x, w1)) * F.linear(x, w3), w2)


def training(
    layers: Layers,
    weights: Mapping[str, Tensor],
    steps: Sequence[Sequence[Sequence[Batch]]],
    optimizer: tuple[str, dict[str, Any]],
    frozen: Sequence[str] = (),
    scale: float = 1.0,
) -> tuple[list[list[Tensor]], list[dict[str, Tensor]]]:
    """In float64, on one process: the outputs of each rank, and all parameters before the first step and after each.

    `steps[rank][step]` are batches; the gradient is that of their sum, averaged over the ranks.
    """
    state = {name: tensor.double().clone() for name, tensor in weights.items()}
    for name, source in tied(layers).items():
        state[name] = state[source]
    names = [name for name in state if name.rpartition(".")[2] not in BUFFERS]
    trained = [state[name] for name in names if name not in frozen and name not in tied(layers)]
    for parameter in trained:
        parameter.requires_grad_(True)
    kind, options = optimizer
    updating = {"sgd": torch.optim.SGD, "adamw": torch.optim.AdamW}[kind](trained, **options)
    outputs: list[list[Tensor]] = [[] for _ in steps]
    history = [{name: state[name].detach().clone() for name in names}]
    for step in zip(*steps, strict=True):
        updating.zero_grad()
        for rank, batches in enumerate(step):
            for x, cotangent in batches:
                made = scale * output(layers, state, x.double() if x.is_floating_point() else x)
                (made * cotangent.double()).sum().div(len(steps)).backward()
                outputs[rank].append(made.detach())
        updating.step()
        history.append({name: state[name].detach().clone() for name in names})
    return outputs, history
