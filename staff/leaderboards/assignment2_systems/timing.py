"""Calls of an entry and of the reference, timed from outside, by turns.

Seconds are those of the processor, by the kernel's account of all processes in the box; on a core of one's own they are the
seconds of the clock, and other jobs of the machine, which make calls slow by chance, are not charged to anybody. No
clock of the entry's is asked. Entry and reference run in boxes of their own on one and the same core, in an order that is drawn.

What an entry could do beside: work between its calls (refused, by the same account), leave its core (its threads' affinity
tells), or have work done that the account misses, by processes that nobody waits for: then its calls take longer by the
clock than by the account. That shows where some call of the reference had the core to itself, and a note says where none had.
"""

import contextlib
import math
import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from grader.leaderboard.case import Case, Measured, Refused
from grader.leaderboard.worker import Worker
from grader.testing.draw import Draw
from grader.testing.proxy import Functions

WARM_UP, FASTEST = 2, 3
QUIET, HIDDEN = 1.25, 1.6
"""By the clock over by the account: up to here the machine was quiet; from here on something is hidden."""
PATIENCE = 3
"""So many times the repetitions at most, before an entry that seems to wait is refused."""
IDLE_SHARE, IDLE_SECONDS = 0.05, 0.3
"""Of the time between its calls that an entry's processes may be at work: they have nothing to do."""


@dataclass
class Account:
    """What a worker used, within its calls and between them, in seconds."""

    worker: Worker
    drivers: Functions
    used: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    idle: float = 0.0
    burnt: float = 0.0
    left: tuple[float, float] | None = None
    """When its last call ended, and what it had used by then."""

    def call(self, name: str, *arguments: Any) -> Any:
        """One call of a driver, timed."""
        before, start = self.worker.processor_seconds(), time.monotonic()
        if self.left is not None:
            self.idle += start - self.left[0]
            self.burnt += before - self.left[1]
        result = getattr(self.drivers, name)(*arguments)
        self.left = (time.monotonic(), self.worker.processor_seconds())
        self.took.append(self.left[0] - start)
        self.used.append(self.left[1] - before)
        return result

    def least_waiting(self) -> float:
        """How many times as long as the account says the calls took by the clock, in those where it is least."""
        calls = sorted(
            zip(self.took[WARM_UP:], self.used[WARM_UP:], strict=True), key=lambda one: one[0] / max(one[1], 1e-9)
        )
        return sum(took for took, _ in calls[:FASTEST]) / max(sum(used for _, used in calls[:FASTEST]), 1e-9)


@contextlib.contextmanager
def accounts(case: Case) -> Iterator[tuple[Account, Account]]:
    """The entry and the reference, each in a fresh process of its own box."""
    with (
        case.worker() as mine,
        case.reference_worker() as theirs,
        mine.fresh() as entry_drivers,
        theirs.fresh() as reference_drivers,
    ):
        yield Account(mine, entry_drivers), Account(theirs, reference_drivers)


def by_turns(entry: Account, reference: Account, draw: Draw, name: str, *arguments: Any) -> Any:
    """Call both with the same arguments, on one core, in an order that is drawn; what the entry returned.

    Raises:
        Refused: a thread of the entry left the core.
    """
    core = max(os.sched_getaffinity(0))
    for account in (entry, reference):
        account.worker.pin(core)
    if draw.integer(0, 2):
        outputs = entry.call(name, *arguments)
        reference.call(name, *arguments)
    else:
        reference.call(name, *arguments)
        outputs = entry.call(name, *arguments)
    stayed(entry.worker, core)
    return outputs


def rounds(entry: Account, reference: Account, repetitions: int) -> Iterator[int]:
    """The numbers of the calls to make: what was asked for, and more where the entry alone seemed to wait.

    Another job on the core can make it look so by chance, and no call with the core to itself ever does; work that is hidden
    does in each.
    """
    for number in range(WARM_UP + PATIENCE * repetitions):
        clear = reference.least_waiting() > QUIET or entry.least_waiting() <= HIDDEN
        if number >= WARM_UP + repetitions and clear:
            return
        yield number


def measured(entry: Account, reference: Account) -> Measured:
    """The ratio of what both used, where the entry behaved.

    Raises:
        Refused: it worked between its calls, or where the account misses it.
    """
    behaved(entry)
    mine, its = entry.used[WARM_UP:], reference.used[WARM_UP:]
    return Measured(
        score=sum(mine) / sum(its),
        spread=left_out(mine, its),
        measurements={
            "processor seconds a call": statistics.fmean(mine),
            "processor seconds a call of the reference": statistics.fmean(its),
            "by the clock, fastest call": min(entry.took[WARM_UP:]),
            "by the clock, fastest call of the reference": min(reference.took[WARM_UP:]),
            "outputs checked": float(len(entry.used)),
        },
        notes=(
            "times include the way of the inputs into the sandbox, and of the outputs out of it",
            *visible(entry, reference),
        ),
    )


def left_out(mine: list[float], its: list[float]) -> float:
    """The standard error of the ratio of the sums, by leaving out one pair at a time (the jackknife)."""
    whole = [(sum(mine) - a) / (sum(its) - b) for a, b in zip(mine, its, strict=True)]
    mean = statistics.fmean(whole)
    return math.sqrt((len(whole) - 1) / len(whole) * sum((one - mean) ** 2 for one in whole))


def stayed(worker: Worker, core: int) -> None:
    """Refuse an entry whose threads gave themselves other cores."""
    for pid in worker.submission.processes():
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{pid}/task"):
                with contextlib.suppress(OSError):
                    if not os.sched_getaffinity(int(thread)) <= {core}:
                        raise Refused("a thread gave itself other cores than the one it is timed on")


def visible(entry: Account, reference: Account) -> tuple[str, ...]:
    """Refuse an entry whose work is done where the account misses it; a note where that could not be seen."""
    waiting, its_waiting = entry.least_waiting(), reference.least_waiting()
    if its_waiting > QUIET:
        return ("the machine was busy throughout: work that the account misses would not have shown",)
    if waiting > HIDDEN:
        raise Refused(
            f"its calls took {waiting:.1f} times as long by the clock as its processes account for, those of the "
            f"reference {its_waiting:.1f} times; expected the work to be done where it is counted"
        )
    return ()


def behaved(account: Account) -> None:
    """Refuse an entry that was at work while nothing was asked of it."""
    if account.burnt > IDLE_SHARE * account.idle + IDLE_SECONDS:
        raise Refused(
            f"its processes worked for {account.burnt:.1f} s of the {account.idle:.1f} s between its calls; "
            "expected them to wait: what slows the reference, or runs ahead, is no speed"
        )
