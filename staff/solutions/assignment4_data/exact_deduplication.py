"""Lines that occur more than once in a corpus: menus, cookie banners, copyright notices.

Two passes over the files: the first counts lines, the second writes those that were counted once. What is counted is a
hash of each line, so that memory grows with the number of lines but not with their length.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

DIGEST_BYTES = 16
"""Among n lines two that differ share a digest with a probability of about n² / 2^129."""


def exact_line_deduplication(input_files: list[os.PathLike], output_directory: os.PathLike) -> None:
    """Write each file to `output_directory`, under its own name, without the lines that occur more than once.

    What counts are occurrences in all the files together, two in one file among them; no copy is kept. A line ends with
    a line feed and nowhere else; its end (a line feed, or carriage return and line feed) is no part of what is
    compared, all other bytes are. Lines that stay keep their order, bytes and ends. Every file has its output, an
    empty one if no line is left; the folder is made where it is missing.

    Raises:
        ValueError: two files have the same name, in different folders, say; nothing is written.
    """
    paths = [Path(path) for path in input_files]
    if len({path.name for path in paths}) < len(paths):
        raise ValueError("two input files have the same name, so one output would replace the other")
    once: set[bytes] = set()
    more_often: set[bytes] = set()
    for path in paths:
        for _, digest in lines(path):
            (more_often if digest in once else once).add(digest)

    output = Path(output_directory)
    output.mkdir(parents=True, exist_ok=True)
    for path in paths:
        with (output / path.name).open("wb") as file:
            file.writelines(line for line, digest in lines(path) if digest not in more_often)


def lines(path: Path) -> Iterator[tuple[bytes, bytes]]:
    """Each line of the file with its end, and the digest of what it says."""
    with path.open("rb") as file:  # binary files are split at line feeds alone, and nothing in them is translated
        for line in file:
            said = line.removesuffix(b"\n").removesuffix(b"\r") if line.endswith(b"\n") else line
            yield line, hashlib.blake2b(said, digest_size=DIGEST_BYTES).digest()
