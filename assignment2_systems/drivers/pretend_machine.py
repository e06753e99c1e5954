"""A pretend machine, whose work is queued and whose clock only moves when something takes time."""

from __future__ import annotations

import time
from collections.abc import Callable

from assignment2_systems import adapters


class Machine:
    """`fn` takes a moment to queue work, `sync` waits for it; `log` says who was called, in order."""

    def __init__(self, launches: list[float], works: list[float], queues: bool) -> None:
        self.now = 1000.0
        self.log: list[str] = []
        self._each = iter(zip(launches, works, strict=True))
        self._queues = queues
        self._queued = 0.0

    def fn(self) -> None:
        self.log.append("fn")
        launch, work = next(self._each, (0.0, 0.0))
        self.now += launch
        self._queued += work
        if not self._queues:
            self._finish()

    def sync(self) -> None:
        self.log.append("sync")
        self._finish()

    def clock(self) -> float:
        self.log.append("clock")
        return self.now

    def _finish(self) -> None:
        self.now += self._queued
        self._queued = 0.0


def benchmark_on_a_pretend_machine(
    warmup: int, steps: int, launches: list[float], works: list[float], queues: bool
) -> tuple[list[float], list[str]]:
    """Benchmark a function that queues for `launches` and runs for `works` seconds, a number for each call.

    A machine that `queues` has a sync. Returns the timings, and the log of calls.
    """
    machine = Machine(launches, works, queues)
    sync: Callable[[], None] | None = machine.sync if queues else None
    return adapters.run_benchmark(machine.fn, warmup, steps, sync, machine.clock), machine.log


def benchmark_by_the_default_clock(warmup: int, seconds: list[float]) -> list[float]:
    """Benchmark a function that sleeps, for so many seconds in each call after the warm-up."""
    calls = iter([0.0] * warmup + seconds)
    return adapters.run_benchmark(lambda: time.sleep(next(calls)), warmup, len(seconds))
