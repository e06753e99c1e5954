"""What a Transformer costs, by listing every tensor and every matrix product: the expected values of the tests.

Nothing is simplified: a product is (how many, rows, inner, columns), a tensor (how many, shape). No worker ever
sees this file.
"""

import math
from collections.abc import Iterable
from typing import Any

GPT2_VOCAB = 50257

# GPT-2's shapes with SwiGLU of 8/3 the width, to the nearest multiple of 64:
# (layers, width, heads, inner width, parameters, FLOP of one sequence of 1024 tokens)
SWIGLU = {
    "small": (12, 768, 12, 2048, 162_148_608, 291_648_307_200),
    "medium": (24, 1024, 16, 2752, 406_539_264, 830_172_299_264),
    "large": (36, 1280, 20, 3392, 833_591_040, 1_768_530_903_040),
    "xl": (48, 1600, 25, 4288, 1_640_452_800, 3_516_769_894_400),
    "xl_of_four_widths": (48, 1600, 25, 6400, 2_127_057_600, 4_513_336_524_800),
}

Model = dict[str, int]
Product = tuple[int, int, int, int]
Tensors = tuple[int, tuple[int, ...]]


def model(name: str, context_length: int = 1024) -> Model:
    """One of the table's models, as the keywords of the adapters."""
    num_layers, d_model, num_heads, d_ff, _, _ = SWIGLU[name]
    return {
        "vocab_size": GPT2_VOCAB,
        "context_length": context_length,
        "num_layers": num_layers,
        "d_model": d_model,
        "num_heads": num_heads,
        "d_ff": d_ff,
    }


def random_model(draw: Any) -> Model:
    """A model of any shape, every number of its own."""
    num_heads = draw.integer(1, 33)
    return {
        "vocab_size": draw.integer(300, 70_000),
        "context_length": draw.integer(3, 5000),
        "num_layers": draw.integer(1, 100),
        "d_model": num_heads * draw.integer(2, 130),
        "num_heads": num_heads,
        "d_ff": draw.integer(5, 9000),
    }


def only(shape: Model, *names: str) -> Model:
    """The keywords that an adapter takes."""
    return {name: shape[name] for name in names}


def learned(vocab_size: int, num_layers: int, d_model: int, d_ff: int) -> list[Tensors]:
    """Every tensor that a model learns."""
    return [
        (1, (vocab_size, d_model)),  # embedding
        (num_layers, (d_model,)),  # first norm
        (4 * num_layers, (d_model, d_model)),  # queries, keys, values, output
        (num_layers, (d_model,)),  # second norm
        (2 * num_layers, (d_ff, d_model)),  # W1, W3
        (num_layers, (d_model, d_ff)),  # W2
        (1, (d_model,)),  # last norm
        (1, (vocab_size, d_model)),  # head
    ]


def param_count(vocab_size: int, num_layers: int, d_model: int, d_ff: int) -> int:
    return _numbers(learned(vocab_size, num_layers, d_model, d_ff))


def products(
    vocab_size: int,
    context_length: int,
    num_layers: int,
    d_model: int,
    num_heads: int,
    d_ff: int,
    batch_size: int,
) -> dict[str, list[Product]]:
    """Every matrix product of a forward pass: one for each layer, sequence and, within attention, head."""
    T, each, d_head = context_length, num_layers * batch_size, d_model // num_heads
    return {
        "qkv_projections": [(3 * each, T, d_model, d_model)],
        "attention_scores": [(each * num_heads, T, d_head, T)],
        "attention_values": [(each * num_heads, T, T, d_head)],
        "output_projection": [(each, T, d_model, d_model)],
        "feed_forward": [(2 * each, T, d_model, d_ff), (each, T, d_ff, d_model)],
        "lm_head": [(batch_size, T, d_model, vocab_size)],
    }


def forward_flops(**shape: int) -> dict[str, int]:
    return {
        part: sum(2 * count * rows * inner * columns for count, rows, inner, columns in found)
        for part, found in products(**shape).items()
    }


def kept(
    vocab_size: int, context_length: int, num_layers: int, d_model: int, num_heads: int, d_ff: int
) -> list[Tensors]:
    """Every output of one sequence that training keeps for the backward pass."""
    T = context_length
    return [
        (num_layers, (T, d_model)),  # norm before attention
        (3 * num_layers, (T, d_model)),  # queries, keys, values
        (num_layers, (num_heads, T, T)),  # scores
        (num_layers, (num_heads, T, T)),  # their softmax
        (num_layers, (T, d_model)),  # weighted sum of values
        (num_layers, (T, d_model)),  # output projection
        (num_layers, (T, d_model)),  # norm before the feed-forward network
        (2 * num_layers, (T, d_ff)),  # W1 x, W3 x
        (num_layers, (T, d_ff)),  # SiLU
        (num_layers, (T, d_ff)),  # gate
        (num_layers, (T, d_model)),  # W2
        (1, (T, d_model)),  # last norm
        (1, (T, vocab_size)),  # logits
        (1, (T, vocab_size)),  # cross-entropy
    ]


def adamw_memory(batch_size: int, bytes_per_value: int, **shape: int) -> dict[str, int]:
    parameters = bytes_per_value * param_count(**only(shape, "vocab_size", "num_layers", "d_model", "d_ff"))
    return {
        "parameters": parameters,
        "gradients": parameters,
        "optimizer_state": parameters + parameters,
        "activations": bytes_per_value * batch_size * _numbers(kept(**shape)),
    }


def _numbers(tensors: Iterable[Tensors]) -> int:
    return sum(count * math.prod(shape) for count, shape in tensors)
