"""Training a byte-level byte-pair-encoding (BPE) vocabulary."""

import os
from typing import Any


def train_bpe(
    input_path: str | os.PathLike[str], vocab_size: int, special_tokens: list[str], **kwargs: Any
) -> tuple[dict[int, bytes], list[tuple[bytes, bytes]]]:
    r"""Learn a vocabulary and its merges from the UTF-8 text file `input_path`.

    The vocabulary starts from the 256 single bytes and the special tokens (placed first or last, as you
    like). The text is cut at the special tokens (the longest where two match at one place) and each piece
    into pre-tokens by the GPT-2 pattern of the `regex` package,

        '(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+

    No pair is counted across a pre-token's end, and a special token counts for nothing. Then, again and
    again, the most frequent pair of neighbouring tokens becomes one token; of equally frequent pairs the
    greatest wins, compared as (bytes, bytes). Line ends are data: `\r\n` stays two bytes.

    vocab_size is the most entries the vocabulary may have, special tokens included. A corpus with no pair
    left gives fewer; a vocab_size below 256 + the special tokens gives these and no merges. Keyword arguments
    of your own (a number of processes, say) may follow.

    Returns (vocab, merges): the bytes of every id, and the merged pairs in the order they were made. One id
    is added for each merge, in that order.
    """
    raise NotImplementedError("train_bpe: write train_bpe in assignment1_basics/bpe.py")
