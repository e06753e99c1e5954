"""Rate limits: every caller has a bucket that fills at a steady rate, and each request takes one from it."""

import threading
from datetime import datetime

from assignment3_scaling.service.clock import Clock

MOST_CALLERS = 10_000


class RateLimit:
    """At most `per_minute` requests a minute for each caller, all at once if they like."""

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._capacity, self._clock = float(per_minute), clock
        self._buckets: dict[object, tuple[float, datetime]] = {}
        self._lock = threading.Lock()

    def wait(self, caller: object) -> float:
        """Seconds until this caller may make a request; 0 where it may now."""
        with self._lock:
            return self._wait(self._level(caller))

    def take(self, caller: object) -> float:
        """As `wait`, and where it is 0 the request counts."""
        with self._lock:
            level = self._level(caller)
            if level >= 1:
                self._buckets[caller] = (level - 1, self._clock())
                self._forget_full_buckets()
            return self._wait(level)

    def _wait(self, level: float) -> float:
        return max(0.0, (1 - level) * 60 / self._capacity)

    def _level(self, caller: object) -> float:
        level, at = self._buckets.get(caller, (self._capacity, self._clock()))
        seconds = max(0.0, (self._clock() - at).total_seconds())
        return min(self._capacity, level + seconds * self._capacity / 60)

    def _forget_full_buckets(self) -> None:
        """Callers come from anywhere: those whose bucket is full again need not be remembered."""
        if len(self._buckets) > MOST_CALLERS:
            self._buckets = {one: self._buckets[one] for one in self._buckets if self._level(one) < self._capacity}
