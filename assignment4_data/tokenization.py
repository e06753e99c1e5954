"""Documents as a flat file of token ids: what a training script reads."""

import os
from typing import Any


def tokenize_corpus(documents: list[str], tokenizer: Any, path: os.PathLike) -> int:
    """Write the ids of all documents to `path`, each document followed by the end-of-text id; the number of ids written.

    `tokenizer.encode(text)` gives a list of ids, `tokenizer.eos_id` is the end-of-text id. The file holds nothing but
    the ids, two bytes each, unsigned, the low byte first. A file that is there already is replaced.

    Raises:
        ValueError: an id is negative or too large for 16 bits; nothing has been written then, and an older file is
            as it was.
    """
    raise NotImplementedError("tokenize_data: write tokenize_corpus in assignment4_data/tokenization.py")
