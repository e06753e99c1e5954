"""Weights of a Transformer block and of a language model, drawn afresh, under the names the adapters take.

Gains differ from one, and from norm to norm, so that a norm left out or exchanged with another one shows.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor


def projections(draw: Any, d_model: int) -> dict[str, Tensor]:
    """The four matrices of an attention layer, as its adapters name them."""
    names = ("q_proj_weight", "k_proj_weight", "v_proj_weight", "o_proj_weight")
    return {name: draw.normal(d_model, d_model, scale=1.5 * d_model**-0.5) for name in names}


def block_weights(draw: Any, d_model: int, d_ff: int, prefix: str = "") -> dict[str, Tensor]:
    """The weights of one block; `prefix` stands before every name."""
    weights = {
        f"attn.{name}_proj.weight": draw.normal(d_model, d_model, scale=1.5 * d_model**-0.5)
        for name in ("q", "k", "v", "output")
    }
    weights["ln1.weight"] = draw.uniform(d_model, low=0.5, high=1.5)
    weights["ln2.weight"] = draw.uniform(d_model, low=0.5, high=1.5)
    weights["ffn.w1.weight"] = draw.normal(d_ff, d_model, scale=d_model**-0.5)
    weights["ffn.w2.weight"] = draw.normal(d_model, d_ff, scale=d_ff**-0.5)
    weights["ffn.w3.weight"] = draw.normal(d_ff, d_model, scale=d_model**-0.5)
    return {prefix + name: weight for name, weight in weights.items()}


def language_model(
    draw: Any,
    *,
    vocab_size: int,
    context_length: int,
    d_model: int,
    num_layers: int,
    num_heads: int,
    d_ff: int,
) -> dict[str, Any]:
    """Everything `run_transformer_lm` takes except the token ids."""
    weights = {
        "token_embeddings.weight": draw.normal(vocab_size, d_model),
        "ln_final.weight": draw.uniform(d_model, low=0.5, high=1.5),
        "lm_head.weight": draw.normal(vocab_size, d_model, scale=d_model**-0.5),
    }
    for layer in range(num_layers):
        weights |= block_weights(draw, d_model, d_ff, prefix=f"layers.{layer}.")
    return {
        "vocab_size": vocab_size,
        "context_length": context_length,
        "d_model": d_model,
        "num_layers": num_layers,
        "num_heads": num_heads,
        "d_ff": d_ff,
        "rope_theta": 10000.0,
        "weights": weights,
    }
