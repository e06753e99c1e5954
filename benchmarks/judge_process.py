"""A long-lived judge, as `grader grade` keeps one a job, that says what each submission cost it.

`python -m benchmarks.judge_process`; reads a task a line (JSON: course, assignment, handin, problems, engine), grades it in
the sandbox, and answers with a line of JSON: wall and cpu seconds, and how many tests had which verdict. Processor time is
that of the judge, of the sandbox and of every process in it: this process adopts what the sandbox leaves behind, and looks
at a box before it is killed, since the kernel forgets what ends with the first process of a namespace.
"""

import collections
import contextlib
import ctypes
import json
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks.comparison import processor_seconds
from grader.grading import grade
from grader.sandbox import memory
from grader.sandbox.box_server import Forked
from grader.task import Task

PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    """Answer until the input ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    forgotten = watch_kills()
    for line in sys.stdin:
        asked = json.loads(line)
        task = Task(
            Path(asked["course"]), asked["assignment"], Path(asked["handin"]), "reference", asked["seed"], asked["engine"],
            tuple(asked["problems"]) if asked["problems"] else None,
        )  # fmt: skip
        before = set(living())
        processor, wall = spent() + sum(forgotten), time.perf_counter()
        outcome = grade(task)
        wall = time.perf_counter() - wall
        bury(before)
        verdicts = collections.Counter(test.verdict.value for test in outcome.tests)
        print(json.dumps({"wall": wall, "cpu": spent() + sum(forgotten) - processor, "verdicts": verdicts}), flush=True)


def bury(before: set[int]) -> None:
    """Wait until no process is left that the grading started, but for a fork server's: only then does their time count."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if len(set(living()) - before) <= int(not before):  # the first grading leaves the server
            return
        time.sleep(0.002)


def watch_kills() -> list[float]:
    """From now on note, as a box is killed, the processor seconds of the processes in it but the first."""
    noted: list[float] = []
    kill = Forked.kill

    def watched(box: Forked) -> None:
        if box.held:
            noted.append(seconds(memory.tree(box.pid)[1:]))
        kill(box)

    Forked.kill = watched  # type: ignore[method-assign]
    return noted


def living() -> list[int]:
    """The living descendants of this process."""
    return memory.tree(os.getpid())[1:]


def spent() -> float:
    """Processor seconds of this process, of those it waited for, and of the living with those that they waited for."""
    return processor_seconds() + seconds(living())


def seconds(pids: Iterable[int]) -> float:
    """Processor seconds of these processes, with those of the processes that they waited for."""
    ticks = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
