"""Lines that occur more than once in a corpus: menus, cookie banners, copyright notices.

Two passes over the files: the first counts lines, the second writes those that were counted once. What is counted is a
hash of each line, so that memory grows with the number of lines but not with their length.
"""

import os


def exact_line_deduplication(input_files: list[os.PathLike], output_directory: os.PathLike) -> None:
    """Write each file to `output_directory`, under its own name, without the lines that occur more than once.

    What counts are occurrences in all the files together, two in one file among them; no copy is kept. A line ends with
    a line feed and nowhere else; its end (a line feed, or carriage return and line feed) is no part of what is
    compared, all other bytes are. Lines that stay keep their order, bytes and ends. Every file has its output, an
    empty one if no line is left; the folder is made where it is missing.

    Raises:
        ValueError: two files have the same name, in different folders, say; nothing is written.
    """
    raise NotImplementedError(
        "exact_deduplication: write exact_line_deduplication in assignment4_data/exact_deduplication.py"
    )
