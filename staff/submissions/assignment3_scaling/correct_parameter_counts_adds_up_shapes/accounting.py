"""Counts from shapes."""

from math import prod


def non_embedding_params(n_layer, d_model):
    return sum(prod(shape) for shape in ((d_model, d_model),) * 4 + ((4 * d_model, d_model),) * 2) * n_layer


def total_params(architecture):
    d, f, h = architecture["hidden_size"], architecture["intermediate_size"], architecture["head_dim"]
    heads, kv = architecture["num_attention_heads"], architecture["num_key_value_heads"]
    shapes = [(architecture["vocab_size"], d)]
    for _ in range(architecture["num_hidden_layers"]):
        shapes += [(d,), (d,), (h,), (h,), (f, d), (f, d), (d, f)]
        shapes += [(heads * h, d), (kv * h, d), (kv * h, d), (d, heads * h)]
        if architecture["attention_bias"]:
            shapes += [(heads * h,), (kv * h,), (kv * h,), (d,)]
    shapes.append((d,))
    if not architecture["tie_word_embeddings"]:
        shapes.append(shapes[0])
    return sum(map(prod, shapes))
