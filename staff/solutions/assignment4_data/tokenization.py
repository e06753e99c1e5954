"""Documents as a flat file of token ids: what a training script reads."""

import os
from array import array
from typing import Any

import numpy as np

LARGEST = 2**16 - 1


def tokenize_corpus(documents: list[str], tokenizer: Any, path: os.PathLike) -> int:
    """Write the ids of all documents to `path`, each document followed by the end-of-text id; the number of ids written.

    All ids are looked at before the file is opened: two bytes an id are kept in memory until then.

    Raises:
        ValueError: an id is negative or too large for 16 bits; nothing has been written then.
    """
    ids = array("H")
    for number, document in enumerate(documents):
        for token in (*tokenizer.encode(document), tokenizer.eos_id):
            if not 0 <= token <= LARGEST:
                raise ValueError(f"document {number} has the id {token}; expected 0 to {LARGEST}")
            ids.append(token)
    np.frombuffer(ids, dtype=np.uint16).astype("<u2").tofile(path)
    return len(ids)
