"""Documents that hold pieces of a benchmark, which a model must not have been trained on.

A document is contaminated if it shares a run of n words with a text of the benchmark: 13 of them in Brown et al. 2020,
appendix C. Shorter runs are found by chance, longer ones miss what was shortened.
"""

from assignment4_data.minhash import normalise, word_ngrams


def contaminated_documents(documents: list[str], benchmark: list[str], n: int = 13) -> list[int]:
    """Indices of the `documents` that share `n` words in a row with a text of `benchmark`, in rising order.

    Words are those that `minhash.normalise` leaves. A run of words lies within one document and within one text of the
    benchmark; a text of fewer than `n` words has none.

    Raises:
        ValueError: `n` is below 1.
    """
    if n < 1:
        raise ValueError(f"n is {n}; a run has at least one word")
    wanted: set[str] = set().union(*(word_ngrams(normalise(text), n) for text in benchmark))
    return [place for place, text in enumerate(documents) if not wanted.isdisjoint(word_ngrams(normalise(text), n))]
