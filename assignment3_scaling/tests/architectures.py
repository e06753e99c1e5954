"""Architectures of random sizes, and the numbers in each of a model's tensors."""

import math


def draw_architecture(draw, bias=False, tied=False):
    """An `architecture_config` that the API takes."""
    heads, head_dim = draw.integer(1, 12), 2 * draw.integer(2, 40)
    width = heads * head_dim
    return {
        "attention_bias": bias,
        "head_dim": head_dim,
        "hidden_size": width,
        "intermediate_size": width + draw.integer(0, 4 * width),
        "num_attention_heads": heads,
        "num_hidden_layers": draw.integer(1, 40),
        "num_key_value_heads": heads,
        "rms_norm_eps": 1e-6,
        "rope_theta": 10_000,
        "tie_word_embeddings": tied,
        "dtype": "float32",
        "vocab_size": draw.integer(300, 50_000),
    }


def counted(architecture):
    """The numbers in all tensors of each kind."""
    width, inner = architecture["hidden_size"], architecture["intermediate_size"]
    heads, head_dim = architecture["num_attention_heads"], architecture["head_dim"]
    layer = {
        "norms": [(width,), (width,)],
        "queries, keys, values": [(heads * head_dim, width)] * 3,
        "attention's output": [(width, heads * head_dim)],
        "biases": [(heads * head_dim,)] * 3 + [(width,)] if architecture["attention_bias"] else [],
        "norms of queries and keys": [(head_dim,), (head_dim,)],
        "feed-forward": [(inner, width), (inner, width), (width, inner)],
    }
    tables = 1 if architecture["tie_word_embeddings"] else 2
    whole = {"tables": [(architecture["vocab_size"], width)] * tables, "last norm": [(width,)]}
    sizes = {name: architecture["num_hidden_layers"] * sum(map(math.prod, shapes)) for name, shapes in layer.items()}
    return sizes | {name: sum(map(math.prod, shapes)) for name, shapes in whole.items()}
