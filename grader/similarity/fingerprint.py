"""A hand-in's fingerprint: which windows of tokens it holds, and where. Plain numbers, in the form copydetect compares."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

K = 20
"""Tokens in a window: likenesses shorter than this are chance."""
WINDOW = 5
"""Of this many neighbouring windows, winnowing keeps at least one: a copy of K + WINDOW - 1 tokens is always found."""

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Fingerprint:
    """Window `hashes_of[i]` begins at token `places[i]`; token t stands on line `lines[t]` of the file that holds it."""

    files: tuple[str, ...]
    starts: tuple[int, ...]
    """The first token of each file."""
    lines: Integers
    hashes_of: Integers
    places: Integers

    k = K
    offsets: tuple[()] = ()
    """copydetect would map its places back to characters with this; they are token numbers here, and stay."""

    @property
    def filtered_code(self) -> Integers:
        """Of the filtered code copydetect asks only whether there is any."""
        return self.lines

    @cached_property
    def hashes(self) -> frozenset[int]:
        """The different windows."""
        return frozenset(self.hashes_of.tolist())

    @cached_property
    def hash_idx(self) -> Mapping[int, list[int]]:
        """The places of each window."""
        found: dict[int, list[int]] = {}
        for value, place in zip(self.hashes_of.tolist(), self.places.tolist(), strict=True):
            found.setdefault(value, []).append(place)
        return found

    @cached_property
    def token_coverage(self) -> int:
        """How many tokens lie in a window: what a share of this hand-in is a share of."""
        covered = np.zeros(len(self.lines) + K, dtype=bool)
        for at in range(K):
            covered[self.places + at] = True
        return int(covered.sum())

    def without(self, hashes: Iterable[int]) -> "Fingerprint":
        """The same without some windows: what was released, what everybody has."""
        kept = ~np.isin(self.hashes_of, np.fromiter(hashes, dtype=np.int64))
        return Fingerprint(self.files, self.starts, self.lines, self.hashes_of[kept], self.places[kept])

    def at(self, place: int) -> tuple[str, int]:
        """File and line of a token."""
        file = int(np.searchsorted(self.starts, place, side="right")) - 1
        return self.files[file], int(self.lines[place])


def from_json(data: Mapping[str, Any]) -> Fingerprint:
    """Read what `child` answered.

    Raises:
        ValueError, TypeError, KeyError, OverflowError: it is something else.
    """
    lines, hashes, places = (np.array(data[key], dtype=np.int64) for key in ("lines", "hashes", "places"))
    starts = tuple(map(int, data["starts"]))
    if not (lines.ndim == hashes.ndim == places.ndim == 1 and len(hashes) == len(places)):
        raise ValueError("lists of numbers of one length")
    if len(places) and not (places.min() >= 0 and places.max() + K <= len(lines)):
        raise ValueError("places outside the hand-in")
    if len(starts) != len(data["files"]) or list(starts) != sorted(starts):
        raise ValueError("a start for each file")
    return Fingerprint(tuple(map(str, data["files"])), starts, lines, hashes, places)
