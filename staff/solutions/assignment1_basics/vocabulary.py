"""What a trained vocabulary holds, how it is stored, and what it saves."""

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assignment1_basics.tokenizer import printable_bytes

DTYPES = ("uint8", "uint16", "uint32", "uint64")


def without_special(vocab: Mapping[int, bytes], special_tokens: Sequence[str]) -> dict[int, bytes]:
    """The entries that are no special tokens, by increasing id."""
    special = {token.encode() for token in special_tokens}
    return {number: token for number, token in sorted(vocab.items()) if token not in special}


def longest_token(vocab: dict[int, bytes], special_tokens: list[str]) -> bytes:
    """The token with the most bytes that is no special token; of several, the one with the smallest id."""
    return max(without_special(vocab, special_tokens).values(), key=len)


def token_length_counts(vocab: dict[int, bytes], special_tokens: list[str]) -> dict[int, int]:
    """How many ids have a token of each length in bytes; special tokens are not counted."""
    return dict(Counter(len(token) for token in without_special(vocab, special_tokens).values()))


def tokens_only_in(vocab: dict[int, bytes], other: dict[int, bytes], special_tokens: list[str]) -> list[bytes]:
    """The tokens of `vocab` that `other` lacks, without special tokens, the longest first."""
    own = set(without_special(vocab, special_tokens).values()) - set(other.values())
    return sorted(own, key=lambda token: (-len(token), token))


def usage_outside(ids: list[int], vocab: dict[int, bytes], other: dict[int, bytes]) -> float:
    """The share of a text's tokens that another vocabulary lacks; each counts as often as it occurs."""
    known = set(other.values())
    return sum(vocab[number] not in known for number in ids) / len(ids)


def save_vocabulary(
    vocab: dict[int, bytes],
    merges: list[tuple[bytes, bytes]],
    vocab_filepath: str | os.PathLike[str],
    merges_filepath: str | os.PathLike[str],
) -> None:
    """Write the two files that `Tokenizer.from_files` reads, in the format published with GPT-2."""
    characters = printable_bytes()

    def written(token: bytes) -> str:
        return "".join(characters[byte] for byte in token)

    ids = {written(token): number for number, token in vocab.items()}
    lines = ["#version: 0.2"] + [f"{written(left)} {written(right)}" for left, right in merges]
    for path, text in (
        (vocab_filepath, json.dumps(ids, ensure_ascii=False)),
        (merges_filepath, "\n".join(lines)),
    ):
        Path(path).write_text(text + "\n", encoding="utf-8", newline="\n")


def compression_ratio(documents: list[str], encodings: list[list[int]]) -> float:
    """Bytes of UTF-8 per token, over all documents together."""
    return sum(len(document.encode()) for document in documents) / sum(map(len, encodings))


def hours_to_tokenize(num_bytes: int, bytes_per_second: float) -> float:
    """Hours that a tokenizer of this throughput takes for a text of num_bytes bytes."""
    return num_bytes / bytes_per_second / 3600


def smallest_unsigned_dtype(vocab_size: int) -> str:
    """The smallest dtype that holds every id from 0 to vocab_size - 1."""
    return next(name for name in DTYPES if vocab_size - 1 <= np.iinfo(name).max)


def token_array(encodings: list[list[int]], vocab_size: int) -> npt.NDArray[np.unsignedinteger]:
    """All ids, one document after another, in the smallest dtype; ValueError if one is out of range."""
    for number in chain.from_iterable(encodings):
        if not 0 <= number < vocab_size:
            raise ValueError(f"token_array got the id {number}; expected 0 to {vocab_size - 1}")
    return np.fromiter(chain.from_iterable(encodings), smallest_unsigned_dtype(vocab_size))
