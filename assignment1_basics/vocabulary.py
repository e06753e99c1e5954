"""What a trained vocabulary holds, how it is stored, and what it saves.

A token is a special one where its bytes are the UTF-8 of one of `special_tokens`.
"""

import os

import numpy.typing as npt


def longest_token(vocab: dict[int, bytes], special_tokens: list[str]) -> bytes:
    """The token with the most bytes that is no special token; of several, the one with the smallest id.

    Bytes are counted, not characters. The entries of `vocab` come in any order.
    """
    raise NotImplementedError("train_bpe_tinystories: write longest_token in assignment1_basics/vocabulary.py")


def token_length_counts(vocab: dict[int, bytes], special_tokens: list[str]) -> dict[int, int]:
    """How many ids have a token of each length in bytes; special tokens are not counted.

    Only lengths that occur are keys, in any order.
    """
    raise NotImplementedError("train_bpe_tinystories: write token_length_counts in assignment1_basics/vocabulary.py")


def tokens_only_in(vocab: dict[int, bytes], other: dict[int, bytes], special_tokens: list[str]) -> list[bytes]:
    """The tokens of `vocab` that `other` lacks, under whatever id, each once and without special tokens.

    The longest (in bytes) come first, those of one length in increasing order of their bytes.
    """
    raise NotImplementedError("train_bpe_expts_owt: write tokens_only_in in assignment1_basics/vocabulary.py")


def usage_outside(ids: list[int], vocab: dict[int, bytes], other: dict[int, bytes]) -> float:
    """The share (0 to 1) of `ids`, a text in the tokens of `vocab`, whose token `other` lacks under any id.

    An id counts as often as it occurs. There is at least one.
    """
    raise NotImplementedError("train_bpe_expts_owt: write usage_outside in assignment1_basics/vocabulary.py")


def save_vocabulary(
    vocab: dict[int, bytes],
    merges: list[tuple[bytes, bytes]],
    vocab_filepath: str | os.PathLike[str],
    merges_filepath: str | os.PathLike[str],
) -> None:
    """Write the two UTF-8 files that `Tokenizer.from_files` reads.

    vocab_filepath: one JSON object from token to id. merges_filepath: the line `#version: 0.2`, then a pair a
    line in the order of `merges`, its two tokens separated by one space. Tokens are written with the
    printable characters that `Tokenizer.from_files` describes, one for each byte, special tokens too. Lines
    end in `\\n`. Files that are there already are replaced.
    """
    raise NotImplementedError("tokenizer_experiments: write save_vocabulary in assignment1_basics/vocabulary.py")


def compression_ratio(documents: list[str], encodings: list[list[int]]) -> float:
    """Bytes of UTF-8 per token: all bytes of all documents over all their tokens.

    encodings: the ids of each document, in the same order; at least one of them is not empty.
    """
    raise NotImplementedError("tokenizer_experiments: write compression_ratio in assignment1_basics/vocabulary.py")


def hours_to_tokenize(num_bytes: int, bytes_per_second: float) -> float:
    """Hours that a tokenizer of this throughput takes for a text of num_bytes bytes."""
    raise NotImplementedError("tokenizer_experiments: write hours_to_tokenize in assignment1_basics/vocabulary.py")


def smallest_unsigned_dtype(vocab_size: int) -> str:
    """The first of "uint8", "uint16", "uint32", "uint64" that holds every id from 0 to vocab_size - 1."""
    raise NotImplementedError(
        "tokenizer_experiments: write smallest_unsigned_dtype in assignment1_basics/vocabulary.py"
    )


def token_array(encodings: list[list[int]], vocab_size: int) -> npt.NDArray:
    """All ids in order, one document after another: a 1-D array of smallest_unsigned_dtype(vocab_size).

    Raises:
        ValueError: an id is negative, or vocab_size or more.
    """
    raise NotImplementedError("tokenizer_experiments: write token_array in assignment1_basics/vocabulary.py")
