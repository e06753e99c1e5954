"""Grading the reference in the sandbox against a fresh `pytest` process that runs the same public tests at home.

The judge is one long-lived process that grades submission after submission, as `grader grade` does; each gets a sandbox of its
own, and each test in it a process of its own. `pytest` imports torch anew for each submission and runs everything in one
process, so that one test, and any submission, can do to the rest what it likes. Processor time is that of every process on
either side.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from benchmarks import tree
from benchmarks.comparison import Comparison, Cost, by_turns
from grader import assignment as assignments
from grader import sandbox
from grader.assignment import PUBLIC_SEED, Assignment

TINY_COURSE = tree.ROOT / "grader" / "tests" / "tiny_course"


def compare(folder: Path, quick: bool) -> list[Comparison]:
    """Wall and processor time, for an assignment of a few tests and for the first of the course."""
    found = _compare(folder, TINY_COURSE, "assignment0_tiny", 2 if quick else 7)
    return found if quick else found + _compare(folder, tree.ROOT, "assignment1_basics", 3)


def _compare(folder: Path, course: Path, name: str, repetitions: int) -> list[Comparison]:
    engine = sandbox.choose().name
    counts = set()
    with tempfile.TemporaryDirectory(dir=folder) as place, _Judge(engine) as judge:
        assignment = assignments.load(tree.public_course(course, name, Path(place) / "course"), name)
        home = tree.home(course, name, Path(place) / "home")

        def ours(*problems: str) -> Cost:
            cost, tests = judge.grade(assignment, problems)
            counts.add(tests)
            return cost

        def peer(*problems: str) -> Cost:
            cost, tests = _pytest(home, assignment, problems)
            counts.add(tests)
            return cost

        for side in (ours, peer):
            side(next(iter(assignment.problems)))  # what is done once: the judge's imports, byte code of the tests
        counts.clear()
        costs = by_turns(ours, peer, repetitions)
    if len(counts) != 1:
        raise ValueError(f"{name}: {sorted(counts)} tests were run; expected the same tests on both sides")
    work = f"{name}, its {counts.pop()} public tests"
    sides = f"`grader`, engine {engine}", "`pytest`"
    return [Comparison(work, *sides, measure, 1.0, None, *costs) for measure in ("wall", "cpu")]


class _Judge:
    """A judge process (`benchmarks.judge_process`) to send tasks to."""

    def __init__(self, engine: str) -> None:
        self.engine = engine

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.judge_process"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tree.ROOT,
        )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def grade(self, assignment: Assignment, problems: Sequence[str]) -> tuple[Cost, int]:
        """What grading the reference cost, and how many tests passed.

        Raises:
            ValueError: one did not.
        """
        task = {
            "course": str(assignment.root), "assignment": assignment.name, "handin": str(assignment.solution),
            "seed": PUBLIC_SEED, "engine": self.engine, "problems": list(problems),
        }  # fmt: skip
        _pipe(self._process.stdin).write(json.dumps(task) + "\n")
        _pipe(self._process.stdin).flush()
        answer = json.loads(_pipe(self._process.stdout).readline())
        verdicts = answer["verdicts"]
        if set(verdicts) != {"PASS"}:
            raise ValueError(f"the reference was judged {verdicts}; expected PASS alone")
        return Cost(answer["wall"], answer["cpu"]), verdicts["PASS"]


def _pipe(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise ValueError("a process was started without a pipe")
    return pipe


def _pytest(home: Path, assignment: Assignment, problems: Sequence[str]) -> tuple[Cost, int]:
    """What `pytest <assignment>` cost in a student's checkout, and how many tests passed.

    Raises:
        ValueError: it did not end well.
    """
    files = [f"{assignment.name}/tests/test_{problem}.py" for problem in problems] or [assignment.name]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(tree.ROOT)}
    with tempfile.TemporaryFile("w+") as output:
        wall = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files],
            cwd=home, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - wall
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read()
    passed = re.search(r"^(\d+) passed\b", said, re.MULTILINE)
    if process.returncode or passed is None:
        raise ValueError(f"pytest ended with {process.returncode} at home; expected all tests to pass:\n{said[-2000:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime), int(passed[1])
