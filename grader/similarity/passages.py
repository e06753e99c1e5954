"""The passages that two hand-ins share, as pairs of line ranges.

Greedy string tiling over shared windows (Wise 1993): runs of windows in step in both hand-ins, the longest first, no
token used twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from grader.similarity.fingerprint import Fingerprint, K

MOST_PLACES = 6
"""Of a window that recurs in a hand-in, so many places are tried: a file of one line repeated has them without end."""


@dataclass(frozen=True)
class Span:
    """Lines `first` to `last` of a file, both included."""

    file: str
    first: int
    last: int


@dataclass(frozen=True)
class Passage:
    """Two spans alike in `tokens` tokens."""

    a: Span
    b: Span
    tokens: int


def passages(a: Fingerprint, b: Fingerprint) -> list[Passage]:
    """What `a` and `b` share, in the order of `a`."""
    used_a, used_b = (np.zeros(len(each.lines), dtype=bool) for each in (a, b))
    chosen = []
    for at_a, at_b, length in sorted(_runs(a, b), key=lambda run: (-run[2], run)):
        free = ~(used_a[at_a : at_a + length] | used_b[at_b : at_b + length])
        for start, stop in _stretches(free):
            if stop - start >= K // 2:  # what is left of a run that others took most of
                chosen.append((at_a + start, at_b + start, stop - start))
                used_a[at_a + start : at_a + stop] = True
                used_b[at_b + start : at_b + stop] = True
    return [Passage(_span(a, at_a, length), _span(b, at_b, length), length) for at_a, at_b, length in sorted(chosen)]


def _runs(a: Fingerprint, b: Fingerprint) -> Iterator[tuple[int, int, int]]:
    """Runs of shared windows that touch, and lie in step: where they begin in both, how many tokens they cover."""
    in_step: dict[int, list[int]] = {}
    for value in a.hashes & b.hashes:
        for at_b in b.hash_idx[value][:MOST_PLACES]:
            for at_a in a.hash_idx[value][:MOST_PLACES]:
                in_step.setdefault(at_b - at_a, []).append(at_a)
    for step, found in in_step.items():
        found.sort()
        first = last = found[0]
        for at in found[1:]:
            if at > last + K:
                yield first, first + step, last + K - first
                first = at
            last = at
        yield first, first + step, last + K - first


def _stretches(free: np.ndarray) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], free, [False]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _span(hand_in: Fingerprint, at: int, length: int) -> Span:
    file, first = hand_in.at(at)
    return Span(file, first, hand_in.at(at + length - 1)[1])
