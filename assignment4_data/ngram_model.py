"""A language model of counted characters."""

from typing import Any


def evaluate(train: str, test: str, order: int, k: float) -> dict[str, Any]:
    """ "perplexity", "bits_per_character" and "vocabulary" of a model of characters fitted to `train`, on `test`."""
    raise NotImplementedError("ngram_model: write evaluate in assignment4_data/ngram_model.py")
