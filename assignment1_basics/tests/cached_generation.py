"""What a model with a key-value cache must give, and what that may cost: the expected values of the tests.

A forward pass over all tokens at once, in float64, and the matrix products that new tokens alone need. No worker
ever sees this file.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from assignment1_basics.tests import float64_reference as reference
from assignment1_basics.tests.random_transformer import language_model

CLEAR = 1e-3
"""A likeliest token that leads by this much in float64 leads in float32, too."""

Product = tuple[list[int], list[int]]


def model(draw: Any, **changes: int) -> dict[str, Any]:
    """The arguments of `get_cached_lm`: by default 40 tokens, 2 layers, a context of 12."""
    usual = {"vocab_size": 40, "context_length": 12, "d_model": 16, "num_layers": 2, "num_heads": 2, "d_ff": 24}
    return language_model(draw, **{**usual, **changes})


def logits(sizes: dict[str, Any], tokens: Tensor) -> Tensor:
    """The logits after every token, all tokens given at once."""
    return reference.transformer_lm(
        sizes["num_layers"], sizes["num_heads"], sizes["rope_theta"], sizes["weights"], tokens
    )


def clear_cut(draw: Any, batch: int, prompt: int, new: int, **changes: int) -> tuple[dict[str, Any], Tensor, Tensor]:
    """A model, prompts, and their greedy continuation, in which no rounding decides between two tokens."""
    for _ in range(100):
        sizes = model(draw, **changes)
        prompts = tokens = draw.integers(0, sizes["vocab_size"], batch, prompt)
        lead = math.inf
        for _ in range(new):
            first, second = logits(sizes, tokens)[:, -1].topk(2).values.unbind(-1)
            lead = min(lead, float((first - second).min()))
            tokens = torch.cat([tokens, logits(sizes, tokens)[:, -1:].argmax(-1)], dim=1)
        if lead > CLEAR:
            return sizes, prompts, tokens[:, prompt:].contiguous()
    raise RuntimeError("100 models in a row have two likeliest tokens that are all but equal")


def products(drivers, check, sizes, room, chunks):
    """The matrix products of each chunk."""
    found = drivers.cached_products(sizes, room, chunks)
    check.equal(len(found), len(chunks), who="CachedTransformerLM with a cache, as the number of chunks,")
    return found


def flops(products: list[Product]) -> int:
    """2 FLOP for each multiplication of products of these operands: [..., n, k] by [..., k, m], or by [k]."""
    total = 0
    for left, right in products:
        total += 2 * math.prod(left) * (right[-1] if len(right) > 1 else 1)
    return total


def flops_of_a_chunk(sizes: dict[str, Any], batch: int, new: int, length: int) -> int:
    """The FLOP of `new` tokens a row that end a text of `length` tokens."""
    d, f = sizes["d_model"], sizes["d_ff"]
    projections = 4 * d * d + 3 * d * f
    attention = 2 * length * d  # scores and weighted sum, over all heads
    return 2 * batch * new * (sizes["num_layers"] * (projections + attention) + sizes["vocab_size"] * d)
