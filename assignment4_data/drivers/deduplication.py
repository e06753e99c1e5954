"""Deduplication: files are written beside the student's code, and all that lies there afterwards comes back."""

from assignment4_data import adapters
from assignment4_data.drivers.folders import contents, workplace

OUTPUT = "output"


def exact_line_deduplication(files: dict[str, bytes], output_exists: bool) -> dict[str, bytes]:
    """`run_exact_line_deduplication` of `files`, in their order, into the folder `output`.

    Returns:
        The content of every file that lies there afterwards by its path: the inputs, the outputs, whatever else.
    """
    with workplace(files) as place:
        if output_exists:
            (place / OUTPUT).mkdir()
        adapters.run_exact_line_deduplication([place / name for name in files], place / OUTPUT)
        return contents(place)


def minhash_deduplication(
    files: dict[str, bytes],
    num_hashes: int,
    num_bands: int,
    ngrams: int,
    jaccard_threshold: float,
    output_exists: bool,
) -> dict[str, bytes]:
    """`run_minhash_deduplication` of `files`, in their order, into the folder `output`; what lies there afterwards."""
    with workplace(files) as place:
        if output_exists:
            (place / OUTPUT).mkdir()
        paths = [place / name for name in files]
        adapters.run_minhash_deduplication(paths, num_hashes, num_bands, ngrams, jaccard_threshold, place / OUTPUT)
        return contents(place)
