"""Two hand-ins compared: copydetect's figures, and the passages behind them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from copydetect import compare_files

from grader.similarity.fingerprint import Fingerprint
from grader.similarity.index import Index
from grader.similarity.passages import Passage, passages

FEWEST_TOKENS = 60
"""Fewer shared tokens than this, some five lines, are no likeness to speak of."""


@dataclass(frozen=True)
class Pair:
    """Hand-ins number `a` and `b`. A share of 1 says that all of a hand-in's own code is in the other one."""

    a: int
    b: int
    share_a: float
    share_b: float
    tokens: int

    @property
    def similarity(self) -> float:
        """The greater share: whoever hides a copy among code of his own still holds all of the copy."""
        return max(self.share_a, self.share_b)


def compared(number_a: int, number_b: int, a: Fingerprint, b: Fingerprint) -> Pair:
    """The figures of a pair."""
    tokens, (share_a, share_b), _ = compare_files(a, b)
    return Pair(number_a, number_b, float(share_a), float(share_b), int(tokens))


def pairs(fingerprints: Sequence[Fingerprint], found: Index, earlier: Sequence[bool], least: float) -> Iterator[Pair]:
    """The pairs alike by at least `least`; those of two earlier hand-ins are not looked at."""
    for a, b in found.candidates(least):
        if not (earlier[a] and earlier[b]):
            pair = compared(a, b, fingerprints[a], fingerprints[b])
            if pair.similarity >= least and pair.tokens >= FEWEST_TOKENS:
                yield pair


def evidence(pair: Pair, fingerprints: Sequence[Fingerprint]) -> list[Passage]:
    """The passages of a pair."""
    return passages(fingerprints[pair.a], fingerprints[pair.b])
