"""Bytes as tokens, and files of them."""

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np


class ByteTokenizer:
    """The ids 0 to 255 are bytes of UTF-8; 256 ends a text."""

    eos_id = 256
    vocabulary_size = 257

    def encode(self, text: str) -> list[int]:
        """The bytes of `text`. Half of a surrogate pair, which no UTF-8 has, becomes "?"."""
        return list(text.encode("utf-8", errors="replace"))

    def decode(self, ids: Iterable[int]) -> str:
        """The text of `ids`, ends of text left out; what is not UTF-8 becomes U+FFFD."""
        return bytes(number for number in ids if number != self.eos_id).decode("utf-8", errors="replace")


def read_tokens(content: bytes) -> np.ndarray:
    """The ids in a flat file of two bytes each, the low byte first.

    Raises:
        ValueError: half an id, or one that `ByteTokenizer` does not know.
    """
    if len(content) % 2:
        raise ValueError(f"{len(content)} bytes; expected two a token")
    ids = np.frombuffer(content, dtype="<u2")
    if ids.size and int(ids.max()) >= ByteTokenizer.vocabulary_size:
        raise ValueError(f"the id {int(ids.max())}; expected ids below {ByteTokenizer.vocabulary_size}")
    return ids.astype(np.int64)


def write_tokens(documents: Iterable[str], path: os.PathLike) -> int:
    """Write documents as `read_tokens` reads them, each closed by the end of text; the number of ids."""
    tokenizer = ByteTokenizer()
    ids = [number for document in documents for number in (*tokenizer.encode(document), tokenizer.eos_id)]
    Path(path).write_bytes(np.asarray(ids, dtype="<u2").tobytes())
    return len(ids)


def documents_of(ids: np.ndarray) -> list[str]:
    """The texts between the ends of text."""
    tokenizer = ByteTokenizer()
    ends = np.flatnonzero(ids == tokenizer.eos_id)
    texts = [tokenizer.decode(part.tolist()) for part in np.split(ids, ends)]
    return texts[:-1] if len(ends) and int(ends[-1]) == len(ids) - 1 else texts
