"""The model's parts once more, from PyTorch's own functions in float64: the expected values of the tests.

Every function takes tensors of any floating dtype and returns float64. No worker ever sees this file.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor


def linear(weights: Tensor, in_features: Tensor) -> Tensor:
    return F.linear(in_features.double(), weights.double())


def rmsnorm(eps: float, weights: Tensor, in_features: Tensor) -> Tensor:
    return F.rms_norm(in_features.double(), weights.shape, weights.double(), eps)


def swiglu(w1: Tensor, w2: Tensor, w3: Tensor, in_features: Tensor) -> Tensor:
    return linear(w2, F.silu(linear(w1, in_features)) * linear(w3, in_features))


def rope(theta: float, in_query_or_key: Tensor, token_positions: Tensor) -> Tensor:
    """Pairs (2k, 2k + 1) as complex numbers, each turned by position / theta^(2k / d_k)."""
    d_k = in_query_or_key.shape[-1]
    speeds = theta ** (-torch.arange(0, d_k, 2, dtype=torch.float64) / d_k)
    angles = token_positions.double().unsqueeze(-1) * speeds
    pairs = torch.view_as_complex(in_query_or_key.double().unflatten(-1, (-1, 2)).contiguous())
    return torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).flatten(-2)


def attention(Q: Tensor, K: Tensor, V: Tensor, mask: Tensor | None = None) -> Tensor:
    return F.scaled_dot_product_attention(Q.double(), K.double(), V.double(), attn_mask=mask)


def self_attention(
    num_heads: int,
    q_proj: Tensor,
    k_proj: Tensor,
    v_proj: Tensor,
    o_proj: Tensor,
    in_features: Tensor,
    theta: float | None = None,
    token_positions: Tensor | None = None,
) -> Tensor:
    """Causal; with rotary embeddings if `theta` is given. `token_positions` count from 0 if not given."""
    length = in_features.shape[-2]
    Q, K, V = (
        linear(weights, in_features).unflatten(-1, (num_heads, -1)).transpose(-2, -3)
        for weights in (q_proj, k_proj, v_proj)
    )
    if theta is not None:
        positions = torch.arange(length) if token_positions is None else token_positions.unsqueeze(-2)
        Q, K = rope(theta, Q, positions), rope(theta, K, positions)
    causal = torch.ones(length, length, dtype=torch.bool).tril()
    return linear(o_proj, attention(Q, K, V, causal).transpose(-2, -3).flatten(-2))


def transformer_block(
    num_heads: int, theta: float, weights: dict[str, Tensor], in_features: Tensor, prefix: str = ""
) -> Tensor:
    w = {key.removeprefix(prefix): value for key, value in weights.items() if key.startswith(prefix)}
    x = in_features.double()
    projections = (w[f"attn.{name}_proj.weight"] for name in ("q", "k", "v", "output"))
    x = x + self_attention(num_heads, *projections, rmsnorm(1e-5, w["ln1.weight"], x), theta)
    return x + swiglu(*(w[f"ffn.w{i}.weight"] for i in (1, 2, 3)), rmsnorm(1e-5, w["ln2.weight"], x))


def transformer_lm(
    num_layers: int, num_heads: int, theta: float, weights: dict[str, Tensor], in_indices: Tensor
) -> Tensor:
    x = F.embedding(in_indices, weights["token_embeddings.weight"].double())
    for layer in range(num_layers):
        x = transformer_block(num_heads, theta, weights, x, prefix=f"layers.{layer}.")
    return linear(weights["lm_head.weight"], rmsnorm(1e-5, weights["ln_final.weight"], x))


def gradients(function: Callable[..., Tensor], cotangent: Tensor, *inputs: Tensor) -> list[Tensor]:
    """The float64 gradients of sum(function(*inputs) * cotangent) for each of the inputs."""
    leaves = [tensor.detach().double().requires_grad_() for tensor in inputs]
    return list(torch.autograd.grad(function(*leaves), leaves, cotangent.double()))
