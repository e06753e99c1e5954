"""How often: every caller has a bucket that fills at a steady rate, and each request takes one from it.

The buckets are in the memory of the one process that listens; a restart fills them.
"""

import threading
from datetime import datetime

from grader.server.errors import RateLimited
from grader.server.settings import Clock

MOST_CALLERS = 10_000


class RateLimit:
    """At most `per_minute` of `what` a minute for each caller, all at once if they like."""

    def __init__(self, per_minute: int, what: str, clock: Clock) -> None:
        self._capacity, self._what, self._clock = float(per_minute), what, clock
        self._buckets: dict[object, tuple[float, datetime]] = {}
        self._lock = threading.Lock()

    def take(self, caller: object) -> None:
        """Count one.

        Raises:
            RateLimited: the bucket is empty; nothing is counted.
        """
        with self._lock:
            level = self._level(caller)
            if level < 1:
                seconds = (1 - level) * 60 / self._capacity
                raise RateLimited(
                    f"more than {self._capacity:g} {self._what} a minute; try again in {max(1, round(seconds))} s",
                    seconds,
                )
            self._buckets[caller] = (level - 1, self._clock())
            if (
                len(self._buckets) > MOST_CALLERS
            ):  # they come from anywhere; who has a full bucket need not be remembered
                self._buckets = {one: self._buckets[one] for one in self._buckets if self._level(one) < self._capacity}

    def _level(self, caller: object) -> float:
        level, at = self._buckets.get(caller, (self._capacity, self._clock()))
        seconds = max(0.0, (self._clock() - at).total_seconds())
        return min(self._capacity, level + seconds * self._capacity / 60)
