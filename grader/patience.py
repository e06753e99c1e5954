"""The deadline of a call. A busy machine puts it off, for a verdict must not tell how busy the machine was.

Time in which a box's processes could have run, and something else had all processors, is not the hand-in's; nor is time
in which the judge itself did not run, since the whole machine may have stood still. Sleeping, waiting for a lock and
threads that stand in one another's way are. Where the system does not tell, the clock decides.
"""

import os
import time

from grader.sandbox import processor

MOST = 4.0
"""A deadline is put off to at most so many times its seconds."""
GAP = 0.5
"""Seconds between two questions for the time left, beyond which the judge was kept from asking."""


class Patience:
    """Begins when it is made. `pid` is the first process of the box."""

    def __init__(self, pid: int, seconds: float) -> None:
        self._pid = pid
        self._seconds = seconds
        self._begun = self._looked = self._asked = time.monotonic()
        self._before: processor.Uses | None = None
        self._gaps = 0.0
        self.given = 0.0
        """Seconds that are not counted: those by which the deadline was put off, and at the end all of them."""

    def look(self) -> None:
        """Note what the processes have used so far. To be called early; most calls are over before it matters."""
        if self._before is None:
            self._looked, self._before = time.monotonic(), processor.of_tree(self._pid)

    def left(self) -> float:
        """Seconds until the deadline; not above 0 once it has passed and nothing puts it off. To be asked all the time."""
        now = time.monotonic()
        if now - self._asked > GAP:
            self._gaps += now - self._asked
        self._asked = now
        if now >= self._deadline():
            self.given = min(max(self._denied(now), self._gaps), (MOST - 1) * self._seconds)
        return self._deadline() - now

    def settle(self) -> float:
        """Seconds of what has passed that are not the hand-in's, now that the call is over; of a short one, none."""
        if self._before is not None:
            now = time.monotonic()
            self.given = max(self.given, self._denied(now), self._gaps)
        return self.given

    def _deadline(self) -> float:
        return self._begun + self._seconds + self.given

    def _denied(self, now: float) -> float:
        if self._before is None:
            return 0.0
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return processor.denied(self._before, processor.of_tree(self._pid), now - self._looked, cores)
