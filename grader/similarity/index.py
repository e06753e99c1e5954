"""Which pairs share enough to be compared, from an inverted index: windows to the hand-ins that hold them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from grader.similarity.fingerprint import Fingerprint

COMMON_SHARE = 0.10
COMMON_FROM = 12
"""What more than a tenth of the hand-ins hold, and more than this many, is how one writes it: no sign of copying."""
FEWEST_WINDOWS = 8
"""Fewer shared windows than this are not worth a look, whatever their share of a hand-in is."""


@dataclass(frozen=True)
class Index:
    """How many different windows each hand-in has, and how many each two have in common."""

    sizes: npt.NDArray[np.int64]
    shared: npt.NDArray[np.int32]

    def candidates(self, least: float) -> list[tuple[int, int]]:
        """The pairs that may be alike by a share of `least`, in either direction.

        Shares of windows stand for shares of tokens here, which differ somewhat, so half of `least` is enough.
        """
        smaller = np.minimum(self.sizes[:, None], self.sizes[None, :])
        enough = (self.shared >= FEWEST_WINDOWS) & (self.shared >= 0.5 * least * smaller)
        return [(int(a), int(b)) for a, b in np.argwhere(np.triu(enough, 1))]


def common(fingerprints: Sequence[Fingerprint]) -> npt.NDArray[np.int64]:
    """The windows that so many hand-ins hold that they are common knowledge."""
    values, counts = np.unique(_once_each(fingerprints)[0], return_counts=True)
    return values[counts > max(COMMON_FROM, COMMON_SHARE * len(fingerprints))]


def index(fingerprints: Sequence[Fingerprint]) -> Index:
    """Count what each two of them share."""
    values, holders = _once_each(fingerprints)
    order = np.argsort(values, kind="stable")
    values, holders = values[order], holders[order]
    shared = np.zeros((len(fingerprints), len(fingerprints)), dtype=np.int32)
    for group in np.split(holders, np.flatnonzero(np.diff(values)) + 1):
        if len(group) > 1:
            shared[np.ix_(group, group)] += 1
    return Index(np.bincount(holders, minlength=len(fingerprints)), shared)


def _once_each(fingerprints: Sequence[Fingerprint]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Each hand-in's different windows, and beside each the hand-in's number."""
    values = [np.unique(each.hashes_of) for each in fingerprints]
    holders = [np.full(len(found), number) for number, found in enumerate(values)]
    empty = np.zeros(0, dtype=np.int64)
    return np.concatenate([empty, *values]), np.concatenate([empty, *holders])
