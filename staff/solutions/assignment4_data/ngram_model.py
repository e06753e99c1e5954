"""A language model of counted characters, as Shannon (1948, section 3) made them by hand.

A model of order n gives the next character a probability from the n - 1 before it: how often it followed them in the
training text, smoothed by adding k to every count (Lidstone). How well it does on other text is said in bits a character,
its cross-entropy, or as perplexity: of how many equally likely characters it would have to choose to do as badly.
"""

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

START, UNKNOWN = "start", "unknown"
"""Symbols that are no characters: their names are longer than one."""


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
    if not test or order < 1 or k < 0:
        raise ValueError("a model needs a text to be tested on, an order of at least 1, and a k of at least 0")
    known = set(train)
    vocabulary = len(known) + 1
    followed: Counter[tuple[str, ...]] = Counter()
    ngrams: Counter[tuple[str, ...]] = Counter()
    for ngram in windows(list(train), order):
        ngrams[ngram] += 1
        followed[ngram[:-1]] += 1

    nats = []
    for ngram in windows([character if character in known else UNKNOWN for character in test], order):
        chance = ngrams[ngram] + k
        if not chance:
            return {"perplexity": math.inf, "bits_per_character": math.inf, "vocabulary": vocabulary}
        nats.append(math.log(followed[ngram[:-1]] + k * vocabulary) - math.log(chance))
    bits = math.fsum(nats) / len(nats) / math.log(2)
    return {"perplexity": 2**bits, "bits_per_character": bits, "vocabulary": vocabulary}


def windows(symbols: list[str], order: int) -> Iterator[tuple[str, ...]]:
    """Each symbol as the last of `order`, the ones before it being its context."""
    padded = [START] * (order - 1) + symbols
    return zip(*(padded[start:] for start in range(order)), strict=False)
