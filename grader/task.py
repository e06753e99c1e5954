"""What is to be graded, and how: plain data that can be sent to a judge in another process or on another machine.

The process that hands tasks out needs no torch; only judges do.
"""

import functools
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from grader import assignment as assignments
from grader import overlay
from grader.assignment import Assignment
from grader.outcome import ExpectedTest, HandinOutcome, TestOutcome, Verdict
from grader.version import version


class PolicyMode(StrEnum):
    """Whether a from-scratch finding costs its problem, or only warns."""

    ENFORCE = "enforce"
    WARN = "warn"


@dataclass(frozen=True)
class Task:
    """All that decides an outcome."""

    root: Path
    assignment: str
    handin: Path
    name: str
    seed: int
    engine: str
    problems: tuple[str, ...] | None = None
    policy: PolicyMode = PolicyMode.ENFORCE
    recording: bool = False
    first: tuple[str, ...] = ()
    """Tests, as "problem: name", that are run ahead of the others. Their order decides nothing."""
    first_failure: bool = False
    """Whether the other tests of a problem are left out once one has failed, see `grader.first_failure`, and the policy,
    too: what a run up to first failures is asked is whether the tests notice."""


def assignment_of(task: Task) -> Assignment:
    """The assignment that the task is of."""
    return _assignment(task.root, task.assignment)


def blank(task: Task) -> HandinOutcome:
    """The outcome before anything is known of the hand-in."""
    return HandinOutcome(
        assignment=task.assignment,
        submission=task.name,
        submission_sha256="",
        assignment_sha256=_hash(task.root, task.assignment),
        seed=task.seed,
        engine=task.engine,
        status="graded",
        policy=task.policy.value,
        versions={"grader": version()},
    )


def lost(task: Task, why: str) -> HandinOutcome:
    """The outcome of a hand-in whose judge died: every problem is pending, by our fault."""
    chosen = assignment_of(task).problems if task.problems is None else task.problems
    expected = ExpectedTest("(grading)")
    return replace(
        blank(task),
        expected=dict.fromkeys(chosen, (expected,)),
        tests=tuple(TestOutcome(expected.name, p, False, Verdict.GRADER_ERROR, why, 0.0) for p in chosen),
    )


@functools.cache
def _assignment(root: Path, name: str) -> Assignment:
    return assignments.load(root, name)


@functools.cache
def _hash(root: Path, name: str) -> str:
    return overlay.assignment_sha256(_assignment(root, name))
