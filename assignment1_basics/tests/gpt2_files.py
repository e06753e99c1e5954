"""A vocabulary and its merges as the two files that were published with GPT-2: JSON, and a pair a line."""

import functools
import json
from collections.abc import Mapping, Sequence


@functools.cache
def _characters() -> dict[int, str]:
    """One printable character for each byte: its own where it has one, else the next from U+0100 on."""
    own = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in own]
    return {byte: chr(byte) for byte in own} | {byte: chr(256 + place) for place, byte in enumerate(others)}


def _printable(token: bytes) -> str:
    characters = _characters()
    return "".join(characters[byte] for byte in token)


def vocab_json(vocab: Mapping[int, bytes], ascii_only: bool) -> str:
    """The object from token to id; `ascii_only`: other characters as \\u escapes, as in GPT-2's file."""
    return json.dumps({_printable(token): number for number, token in vocab.items()}, ensure_ascii=ascii_only)


def merges_text(merges: Sequence[tuple[bytes, bytes]], header: str = "#version: 0.2\n") -> str:
    """A line for each pair, the two tokens separated by a space."""
    return header + "".join(f"{_printable(left)} {_printable(right)}\n" for left, right in merges)
