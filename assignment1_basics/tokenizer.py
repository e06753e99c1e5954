"""Encoding text into token ids with a trained BPE vocabulary, and decoding ids into text."""

import os
from collections.abc import Iterable, Iterator
from typing import Self


class Tokenizer:
    """A byte-level BPE tokenizer.

    vocab: the bytes of every id; the ids need not be consecutive.
    merges: pairs of tokens in the order they were made, which is the order in which encoding applies them.
    special_tokens: strings that are never split, the longest first where two match at one place. One whose
    UTF-8 bytes are not in `vocab` gets the id after the greatest so far. The `vocab` passed in is not
    changed.
    """

    def __init__(
        self,
        vocab: dict[int, bytes],
        merges: list[tuple[bytes, bytes]],
        special_tokens: list[str] | None = None,
    ) -> None:
        raise NotImplementedError("tokenizer: write Tokenizer.__init__ in assignment1_basics/tokenizer.py")

    @classmethod
    def from_files(
        cls,
        vocab_filepath: str | os.PathLike[str],
        merges_filepath: str | os.PathLike[str],
        special_tokens: list[str] | None = None,
    ) -> Self:
        """A tokenizer from two UTF-8 files in the format published with GPT-2.

        vocab_filepath: a JSON object from token to id. merges_filepath: a pair on each line, its two tokens
        separated by one space; a first line that begins with `#version` is not a pair. Tokens are written
        with one printable character for each byte: the bytes 33-126, 161-172 and 174-255 are the characters
        of these code points, and the other 68, in increasing order, are the characters 256, 257, ... (a space
        is `Ġ`).
        """
        raise NotImplementedError("tokenizer: write Tokenizer.from_files in assignment1_basics/tokenizer.py")

    def encode(self, text: str) -> list[int]:
        """The ids (Python ints) of `text`, cut at special tokens and into pre-tokens as in training."""
        raise NotImplementedError("tokenizer: write Tokenizer.encode in assignment1_basics/tokenizer.py")

    def encode_iterable(self, iterable: Iterable[str]) -> Iterator[int]:
        """The ids of `encode("".join(iterable))`, one by one, wherever the text is cut into strings.

        Reads only as many strings as the next id needs, and keeps little of what it has read.
        """
        raise NotImplementedError("tokenizer: write Tokenizer.encode_iterable in assignment1_basics/tokenizer.py")

    def decode(self, ids: list[int]) -> str:
        """The text of `ids`. Bytes that are not UTF-8 once all tokens are joined become U+FFFD."""
        raise NotImplementedError("tokenizer: write Tokenizer.decode in assignment1_basics/tokenizer.py")
