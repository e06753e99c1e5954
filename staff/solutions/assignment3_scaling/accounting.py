"""How many numbers a model has: the count that laws are about, and all that must be stored.

A configuration of an architecture is a dict with the keys of the API's `architecture_config`, as the handout lists them.
"""

from typing import Any


def non_embedding_params(n_layer: int, d_model: int) -> int:
    """N of the scaling laws: 12 · n_layer · d_model².

    What is left of a Transformer without its embeddings, biases and norms: 4 d² of attention and 8 d² of the
    feed-forward part in each layer (Kaplan et al. 2020, table 1), whatever the inner width is in truth.
    """
    return 12 * n_layer * d_model**2


def total_params(architecture: dict[str, Any]) -> int:
    """Every trained number of the API's model, embeddings, biases and norms included.

    `architecture` is one that the API takes; the handout says what the model is made of.
    """
    d, f = architecture["hidden_size"], architecture["intermediate_size"]
    vocabulary = architecture["vocab_size"] * d
    attention = 4 * d * d + (4 * d if architecture["attention_bias"] else 0) + 2 * architecture["head_dim"]
    layer = 2 * d + attention + 3 * d * f
    output = 0 if architecture["tie_word_embeddings"] else vocabulary
    return vocabulary + architecture["num_hidden_layers"] * layer + d + output
