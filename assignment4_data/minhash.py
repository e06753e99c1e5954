"""Near-duplicates among documents, by MinHash and locality-sensitive hashing.

Two documents are near-duplicates if the sets of their word n-grams have a Jaccard similarity of at least a threshold.
Comparing all pairs would take n² / 2 steps. MinHash (Broder 1997) makes a short signature of each set, of which two agree
in a share of places that is their similarity, on average; documents whose signatures agree in a whole band are
candidates (Indyk and Motwani 1998), and only candidates are compared.
"""

import os


def normalise(text: str) -> str:
    """`text` as it is compared: in small letters, without accents, punctuation and superfluous space.

    Decomposed by Unicode's form NFD, characters of the category Mn (accents) and those whose category begins with P
    (punctuation, of all scripts) left out, runs of white space made one space, none at the ends.
    """
    raise NotImplementedError("minhash_deduplication: write normalise in assignment4_data/minhash.py")


def word_ngrams(text: str, n: int) -> set[str]:
    """The runs of `n` words of a normalised text, each as one string; none where it has fewer than `n` words."""
    raise NotImplementedError("minhash_deduplication: write word_ngrams in assignment4_data/minhash.py")


def minhash_deduplication(
    input_files: list[os.PathLike],
    num_hashes: int,
    num_bands: int,
    ngrams: int,
    jaccard_threshold: float,
    output_directory: os.PathLike,
) -> None:
    """Copy one document of each cluster of near-duplicates to `output_directory`, byte for byte, under its own name.

    Documents are compared as `normalise` leaves them, by their sets of word n-grams of `ngrams` words. A signature has
    the minima of `num_hashes` hash functions; it is cut into `num_bands` bands of equal length. Candidates share at least
    one band; candidates whose Jaccard similarity is at least `jaccard_threshold` are near-duplicates, and so is who is linked
    to another by a chain of them. Which of a cluster is kept is yours to choose. A document without n-grams is nobody's
    duplicate. What is not kept has no output; the folder is made where it is missing.

    Raises:
        ValueError: the bands are not of equal length, or two files have the same name; nothing is written.
    """
    raise NotImplementedError("minhash_deduplication: write minhash_deduplication in assignment4_data/minhash.py")
