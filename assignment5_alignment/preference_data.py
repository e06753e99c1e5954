"""Comparisons of two responses, in the form of the data set HH (Bai et al. 2022)."""

import os


def load_hh(directory: str | os.PathLike) -> list[dict[str, str]]:
    """The comparisons below `directory` in which there is one instruction and one response.

    Returns:
        one dict a comparison, with the texts "instruction", "chosen", "rejected" and "source"; the handout says which files
        there are, and in which order.
    """
    raise NotImplementedError("look_at_hh: write load_hh in assignment5_alignment/preference_data.py")
