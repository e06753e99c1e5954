"""How long a tree of processes ran, and how long it stood in line for a processor, from Linux's /proc; elsewhere nothing is known."""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.sandbox import memory

NANOSECONDS = 1e-9
USED, REAPED, NICE, POLICY = slice(11, 13), slice(13, 15), 16, 38
"""Fields of `stat` behind the name: ticks that a process and those it has waited for have used, and how it is scheduled."""


@dataclass(frozen=True)
class Use:
    """Seconds that one thread ran, and that it could have run and did not, since it began."""

    ran: float = 0.0
    waited: float = 0.0


@dataclass(frozen=True)
class Uses:
    """Of a tree of processes: its living threads, by process and thread, and what those used that are gone, by process."""

    threads: Mapping[tuple[int, int], Use] = field(default_factory=dict)
    gone: Mapping[int, float] = field(default_factory=dict)
    """Seconds of a process's threads that have ended, and of its children that it has waited for."""


def of_tree(root: int) -> Uses:
    """The use of `root` and its descendants. The kernel adds a wait when it is over.

    Of a thread that stands back behind others, more than `root` does, waiting is its own wish, and counts as none.
    """
    threads: dict[tuple[int, int], Use] = {}
    gone: dict[int, float] = {}
    ordinary: tuple[str, int] | None = None
    for pid in memory.tree(root):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = _stat(f"/proc/{pid}")
            ordinary = ordinary or (fields[POLICY], int(fields[NICE]))
            ran = 0.0
            for thread in os.listdir(f"/proc/{pid}/task"):
                with contextlib.suppress(OSError, ValueError, IndexError):
                    use = threads[pid, int(thread)] = _use(f"/proc/{pid}/task/{thread}", *ordinary)
                    ran += use.ran
            gone[pid] = max(0.0, _ticks(fields[USED]) - ran) + _ticks(fields[REAPED])
    return Uses(threads, gone)


def denied(before: Uses, after: Uses, seconds: float, processors: int) -> float:
    """How many of the `seconds` between two looks a tree lacked a processor through no doing of its own.

    The thread that waited longest counts: a call is as late as its last part. What the tree's own threads kept
    `processors` busy with is its own doing, however many of them stood in line for one another, and whether or not they
    are still there.
    """
    passed = {thread: (use, before.threads.get(thread, Use())) for thread, use in after.threads.items()}
    ran = sum(now.ran - then.ran for now, then in passed.values())
    ran += sum(max(0.0, spent - before.gone.get(pid, 0.0)) for pid, spent in after.gone.items())
    waited = max((now.waited - then.waited for now, then in passed.values()), default=0.0)
    return max(0.0, min(waited, seconds - ran / processors))


def _use(place: str, policy: str, nice: int) -> Use:
    with open(f"{place}/schedstat") as file:
        ran, waited, _ = file.read().split()
    fields = _stat(place)
    stands_back = fields[POLICY] != policy or int(fields[NICE]) > nice
    return Use(int(ran) * NANOSECONDS, 0.0 if stands_back else int(waited) * NANOSECONDS)


def _stat(place: str) -> list[str]:
    """The fields behind the name, which may hold anything."""
    with open(f"{place}/stat", encoding="utf-8", errors="replace") as file:
        return file.read().rpartition(")")[2].split()


def _ticks(fields: list[str]) -> float:
    return sum(map(int, fields)) / os.sysconf("SC_CLK_TCK")
