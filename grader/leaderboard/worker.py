"""Code in the sandbox as a verifier sees it: functions to call, each time in a fresh process if wanted, and processes to watch.

What a verifier believes is measured here, outside: seconds on the wall by its own clock, seconds of the processor by the
kernel's account of all processes in the box.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from grader import contract
from grader.assignment import Assignment
from grader.submission import Submission
from grader.testing.proxy import Functions

TICKS = os.sysconf("SC_CLK_TCK")


class Worker:
    """One tree in one box. `drivers` are the assignment's, each result held against its annotation."""

    def __init__(self, submission: Submission, course: Assignment, track: str) -> None:
        self.submission = submission
        self.drivers = Functions(submission, "drivers", contract.load_drivers(course.folder))
        self._track = track

    @contextlib.contextmanager
    def fresh(self) -> Iterator[Functions]:
        """The drivers in a process that knows nothing of earlier calls; processes and files of it go afterwards."""
        self.submission.begin(self._track)
        try:
            yield self.drivers
        finally:
            self.submission.end()

    def processor_seconds(self) -> float:
        """What all processes of the box have used of processors, those that ended and were waited for among them."""
        return sum(map(_used, self.submission.processes()))

    def pin(self, core: int) -> None:
        """Let every thread of the box run on one core only; those that they start inherit it."""
        for pid in self.submission.processes():
            with contextlib.suppress(OSError):
                for thread in os.listdir(f"/proc/{pid}/task"):
                    with contextlib.suppress(OSError):
                        os.sched_setaffinity(int(thread), {core})


def _used(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0  # it has ended, and whoever waited for it has it in its account
    return sum(map(int, fields[11:15])) / TICKS
