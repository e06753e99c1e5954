"""How long to wait before a request is tried again: longer each time, spread by chance, and as long as the server says."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

RETRIED_STATUSES = frozenset({429, 502, 503, 504})
"""Too many requests, and what proxies and starting servers answer: the same request may succeed in a moment."""


@dataclass(frozen=True)
class Backoff:
    """The pauses of one request. With `attempts` of 1 nothing is tried again."""

    attempts: int = 6
    first_seconds: float = 0.25
    longest_seconds: float = 8.0
    patience_seconds: float = 60.0
    """A server that asks for a longer pause than this is not waited for."""

    def pauses(self, chance: random.Random) -> Iterator[float]:
        """Seconds before the second attempt, the third, and so on.

        The limit doubles each time, and the pause is drawn below it ("full jitter"), so that a class of clients that
        lost the server at one moment does not come back at one moment.
        """
        for attempt in range(self.attempts - 1):
            yield chance.uniform(0, min(self.longest_seconds, self.first_seconds * 2**attempt))


def asked_pause(retry_after: str | None) -> float:
    """The seconds of a `Retry-After` header; 0 without one, and for its other form, a date, which our server never sends."""
    try:
        seconds = float(retry_after or 0)
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < float("inf") else 0.0
