"""Documents that hold pieces of a benchmark, which a model must not have been trained on.

A document is contaminated if it shares a run of n words with a text of the benchmark: 13 of them in Brown et al. 2020,
appendix C. Shorter runs are found by chance, longer ones miss what was shortened.
"""


def contaminated_documents(documents: list[str], benchmark: list[str], n: int = 13) -> list[int]:
    """Indices of the `documents` that share `n` words in a row with a text of `benchmark`, in rising order.

    Words are those that `minhash.normalise` leaves. A run of words lies within one document and within one text of the
    benchmark; a text of fewer than `n` words has none.

    Raises:
        ValueError: `n` is below 1.
    """
    raise NotImplementedError("contamination: write contaminated_documents in assignment4_data/contamination.py")
