"""A long-lived judge, as `grader grade` keeps one a job, that says what each submission cost it.

`python -m benchmarks.judge_process`; reads a task a line (JSON: course, assignment, handin, problems, engine), grades it in
the sandbox, and answers with a line of JSON: wall and cpu seconds, and how many tests had which verdict. Processor time is
that of the judge, of the sandbox and of every process in it: this process adopts what the sandbox leaves behind, so that
nothing ends unseen.
"""

import collections
import ctypes
import json
import os
import sys
import time
from pathlib import Path

from benchmarks.comparison import processor_seconds
from grader.grading import Task, grade

PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    """Answer until the input ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for line in sys.stdin:
        asked = json.loads(line)
        task = Task(
            Path(asked["course"]), asked["assignment"], Path(asked["handin"]), "reference", asked["seed"], asked["engine"],
            tuple(asked["problems"]) if asked["problems"] else None,
        )  # fmt: skip
        processor, wall = processor_seconds(), time.perf_counter()
        outcome = grade(task)
        wall = time.perf_counter() - wall
        bury()
        verdicts = collections.Counter(test.verdict.value for test in outcome.tests)
        print(json.dumps({"wall": wall, "cpu": processor_seconds() - processor, "verdicts": verdicts}), flush=True)


def bury() -> None:
    """Wait for every child, adopted ones too: only then does their time count."""
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


if __name__ == "__main__":
    main()
