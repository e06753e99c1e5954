"""Choices that are the same on every machine and in every version of Python."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_BITS = (1 << 64) - 1


class Chance:
    """A source of choices that depends on its key alone.

    The numbers are SplitMix64 (Steele, Lea and Flood, 2014, figure 17), begun at a hash of the key: cheap to begin,
    which a web does several times a page, and in nobody's hands but ours.
    """

    def __init__(self, *key: object) -> None:
        digest = hashlib.sha256("\x1f".join(map(str, key)).encode()).digest()
        self._state = int.from_bytes(digest[:8], "big")

    def number(self) -> float:
        """A number in [0, 1)."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _BITS
        mixed = ((self._state ^ (self._state >> 30)) * 0xBF58476D1CE4E5B9) & _BITS
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _BITS
        return ((mixed ^ (mixed >> 31)) >> 11) / (1 << 53)

    def below(self, n: int) -> int:
        """A whole number from 0 to `n` - 1."""
        return int(self.number() * n)

    def integer(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def choice(self, items: Sequence[T]) -> T:
        """One of `items`."""
        return items[self.below(len(items))]

    def weighted(self, shares: dict[T, int]) -> T:
        """One of the keys, as often as its share says."""
        place = self.below(sum(shares.values()))
        for key, share in shares.items():
            place -= share
            if place < 0:
                return key
        raise ValueError("no shares")

    def sample(self, items: Sequence[T], count: int) -> list[T]:
        """`count` different places of `items`, in the order in which they were chosen."""
        rest = list(items)
        return [rest.pop(self.below(len(rest))) for _ in range(count)]
