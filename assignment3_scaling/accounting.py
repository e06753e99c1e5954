"""How many numbers a model has: the count that laws are about, and all that must be stored.

A configuration of an architecture is a dict with the keys of the API's `architecture_config`, as the handout lists them.
"""

from typing import Any


def non_embedding_params(n_layer: int, d_model: int) -> int:
    """N of the scaling laws: 12 · n_layer · d_model².

    What is left of a Transformer without its embeddings, biases and norms: 4 d² of attention and 8 d² of the
    feed-forward part in each layer (Kaplan et al. 2020, table 1), whatever the inner width is in truth.
    """
    raise NotImplementedError("parameter_counts: write non_embedding_params in assignment3_scaling/accounting.py")


def total_params(architecture: dict[str, Any]) -> int:
    """Every trained number of the API's model, embeddings, biases and norms included.

    `architecture` is one that the API takes; the handout says what the model is made of.
    """
    raise NotImplementedError("parameter_counts: write total_params in assignment3_scaling/accounting.py")
