r"""Cutting text: at special tokens, into pre-tokens, and into blocks that can be worked on apart.

Training and encoding share this module, so that they cut alike. Everything rests on one fact: the pre-tokens
on both sides of certain places do not depend on each other. `SpecialTokens.blocks` finds such places.
"""

import os
import re
from collections.abc import Iterable, Iterator
from itertools import chain

import regex

# The pattern of GPT-2 (Radford et al. 2019): contractions, words, numbers, other signs, white space.
PATTERN = regex.compile(r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")

# The same for ASCII text, in the standard library's faster engine: words first, which are most of a text, and
# repetitions that give nothing back (`++`), as they never have to. White space is spelt out because `\s` has
# four more control characters there than in `regex`.
ASCII_PATTERN = re.compile(
    r" [A-Za-z]++|[A-Za-z]++|'(?:[sdmt]|ll|ve|re)| ?+[0-9]++| ?+[^\t-\r A-Za-z0-9]++"
    r"|[\t-\r ]+(?![^\t-\r ])|[\t-\r ]++"
)

# A line end after anything but white space always begins a pre-token.
LINE_END = re.compile(r"(?<=\S)(?=\n)")

# The last place (`(?r)` searches backwards) where a pre-token ends whatever follows: after a run of letters,
# of digits or of other signs. Not between a sign and a letter, which may belong to a contraction ('ll), and
# not in or after white space, where the cut depends on the next characters.
SETTLED = regex.compile(r"(?r)(?<=\p{L})(?=\P{L})|(?<=\p{N})(?=\P{N})|(?<=[^\s\p{L}\p{N}])(?=[\s\p{N}])")

# Text without a settled place is searched again for each new chunk while it is short, later only when its
# length has doubled, which keeps the total time linear.
SHORT = 256

CHUNK_CHARACTERS = 1 << 18


def pretokens(text: str) -> list[str]:
    """The pre-tokens of text without special tokens, in order; joined they give the text again."""
    if text.isascii():
        return ASCII_PATTERN.findall(text)
    lines = LINE_END.split(text)  # most lines of an English text are ASCII even if one is not
    return list(chain.from_iterable((ASCII_PATTERN if line.isascii() else PATTERN).findall(line) for line in lines))


def file_chunks(path: str | os.PathLike[str]) -> Iterator[str]:
    """The text of a UTF-8 file in pieces of constant length; line ends stay as they are."""
    with open(path, encoding="utf-8", errors="replace", newline="") as file:
        while chunk := file.read(CHUNK_CHARACTERS):
            yield chunk


class SpecialTokens:
    """Strings that cut the text: from left to right, the longest where two begin at one place."""

    def __init__(self, tokens: Iterable[str]) -> None:
        self.tokens = list(dict.fromkeys(tokens))
        if "" in self.tokens:
            raise ValueError("a special token is the empty string; expected at least one character")
        longest_first = sorted(self.tokens, key=len, reverse=True)
        # Without special tokens: a pattern that matches nowhere.
        self._pattern = re.compile(f"({'|'.join(map(re.escape, longest_first))})" if self.tokens else "(?!)()")
        self._beginnings = {token[:length] for token in self.tokens for length in range(1, len(token))}
        self._longest_beginning = max(map(len, self._beginnings), default=0)

    def split(self, text: str) -> list[str]:
        """`text` cut at the special tokens: ordinary text (perhaps empty) and special tokens by turns."""
        return self._pattern.split(text)

    def ordinary(self, text: str) -> list[str]:
        """The pieces of `text` between its special tokens."""
        return self._pattern.split(text)[::2]

    def blocks(self, chunks: Iterable[str]) -> Iterator[str]:
        """The joined chunks, cut anew so that the tokens of all are the tokens of each block in turn.

        Holds back what a later character could change: little, unless the text goes on without such a place.
        """
        pending = ""
        search_from_length = 0
        for chunk in chunks:
            pending += chunk
            if len(pending) < search_from_length:
                continue
            settled = self._settled_length(pending)
            if settled:
                yield pending[:settled]
                pending = pending[settled:]
            search_from_length = 2 * len(pending) if len(pending) > SHORT and not settled else 0
        if pending:
            yield pending

    def _settled_length(self, text: str) -> int:
        """The length of a prefix of `text`, as long as we can tell, whose tokens no continuation changes."""
        first_candidate = max(0, len(text) - self._longest_beginning)
        unfinished = [i for i in range(first_candidate, len(text)) if text[i:] in self._beginnings]
        start = 0  # of the ordinary text after the last special token that is certain
        for special in self._pattern.finditer(text):
            if any(start <= i <= special.start() for i in unfinished):
                break
            start = special.end()
        end = min((i for i in unfinished if i >= start), default=len(text))
        settled = SETTLED.search(text, start, end)
        return settled.start() if settled else start
