"""How long a tree of processes ran, and how long it stood in line for a processor, from Linux's /proc; elsewhere nothing is known."""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass

from grader.sandbox import memory

NANOSECONDS = 1e-9


@dataclass(frozen=True)
class Use:
    """Seconds that one thread ran, and that it could have run and did not, since it began."""

    ran: float = 0.0
    waited: float = 0.0


Uses = Mapping[tuple[int, int], Use]
"""By process and thread."""


def of_tree(root: int) -> Uses:
    """The living threads of `root` and its descendants. The kernel adds a wait when it is over."""
    found: dict[tuple[int, int], Use] = {}
    for pid in memory.tree(root):
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{pid}/task"):
                with contextlib.suppress(OSError, ValueError), open(f"/proc/{pid}/task/{thread}/schedstat") as file:
                    ran, waited, _ = file.read().split()
                    found[pid, int(thread)] = Use(int(ran) * NANOSECONDS, int(waited) * NANOSECONDS)
    return found


def denied(before: Uses, after: Uses, seconds: float, processors: int) -> float:
    """How many of the `seconds` between two looks a tree lacked a processor through no doing of its own.

    The thread that waited longest counts: a call is as late as its last part. What the tree's own threads kept
    `processors` busy with is its own doing, however many of them stood in line for one another.
    """
    passed = {thread: (use, before.get(thread, Use())) for thread, use in after.items()}
    ran = sum(now.ran - then.ran for now, then in passed.values())
    waited = max((now.waited - then.waited for now, then in passed.values()), default=0.0)
    return max(0.0, min(waited, seconds - ran / processors))
