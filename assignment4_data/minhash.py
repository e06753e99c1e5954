"""Near-duplicates among documents, by MinHash and locality-sensitive hashing."""

import os


def minhash_deduplication(
    input_files: list[os.PathLike],
    num_hashes: int,
    num_bands: int,
    ngrams: int,
    jaccard_threshold: float,
    output_directory: os.PathLike,
) -> None:
    """Copy one file of each cluster of near-duplicates to `output_directory`."""
    raise NotImplementedError("minhash_deduplication: write minhash_deduplication in assignment4_data/minhash.py")
