"""A language model of counted characters, as Shannon (1948, section 3) made them by hand.

A model of order n gives the next character a probability from the n - 1 before it: how often it followed them in the
training text, smoothed by adding k to every count (Lidstone). How well it does on other text is said in bits a character,
its cross-entropy, or as perplexity: of how many equally likely characters it would have to choose to do as badly.
"""

from typing import Any


def evaluate(train: str, test: str, order: int, k: float) -> dict[str, Any]:
    """ "perplexity", "bits_per_character" and "vocabulary" of the model of `train`, on `test`.

    Characters are code points, as they stand. The vocabulary, V symbols, is the different characters of `train` and one more,
    that stands for every character which is not among them. Before either text stand `order` - 1 marks of a beginning: they
    are seen as context, never predicted, and not in the vocabulary. With c(h) how often context h was followed by
    anything in `train`, and c(h, x) how often by x,

        P(x | h) = (c(h, x) + k) / (c(h) + k V).

    "vocabulary" is V, an int. "bits_per_character" is the mean of -log2 P over all characters of `test`, and
    "perplexity" 2 to that power; both are infinite where a character has no chance, which only k = 0 allows.

    Raises:
        ValueError: `test` is empty, `order` is below 1 or `k` below 0.
    """
    raise NotImplementedError("ngram_model: write evaluate in assignment4_data/ngram_model.py")
