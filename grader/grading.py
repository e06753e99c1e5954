"""Grades one hand-in: intake, overlay, policy, judge, outcome. What a pool of judges runs many times.

Whatever goes wrong on our side becomes part of the outcome, never an exception that would end a batch.
"""

import functools
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from grader import adopt, integrity, overlay, sandbox, scratch
from grader import assignment as assignments
from grader.assignment import Assignment
from grader.errors import GraderError, HandinError
from grader.intake import open_handin
from grader.judge import judge
from grader.outcome import ExpectedTest, HandinOutcome, TestOutcome, Verdict
from grader.policy import Policy, scan_in_process
from grader.version import version

ONLY_WARNED = "the engine 'plain' does not contain hostile code: this hand-in could read and change the user's files"


class PolicyMode(StrEnum):
    """Whether a from-scratch finding costs its problem, or only warns."""

    ENFORCE = "enforce"
    WARN = "warn"


@dataclass(frozen=True)
class Task:
    """All that decides an outcome, in a form that can be sent to another process or machine."""

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


@functools.cache
def _assignment(root: Path, name: str) -> Assignment:
    return assignments.load(root, name)


def grade(task: Task) -> HandinOutcome:
    """Open, overlay and judge one hand-in; a hand-in that is refused has an outcome, too."""
    assignment = _assignment(task.root, task.assignment)
    started = time.perf_counter()
    blank = HandinOutcome(
        assignment=assignment.name,
        submission=task.name,
        submission_sha256="",
        assignment_sha256=_hash(task.root, task.assignment),
        seed=task.seed,
        engine=task.engine,
        status="graded",
        policy=task.policy.value,
        versions={"grader": version()},
    )
    with scratch.folder() as folder:
        try:
            handin = open_handin(task.handin, assignment.name, folder / "handin")
            tree = overlay.build(assignment, handin.folder, folder / "tree")
            sha256 = overlay.submission_sha256(handin.folder, assignment.staff_owned)
        except HandinError as error:
            return replace(blank, status="refused", refusal=str(error), seconds=time.perf_counter() - started)
        notes = [*handin.notes]
        if tree.ignored:
            notes.append(f"staff-owned files of the hand-in were not used: {', '.join(tree.ignored[:12])}")
        adoption = adopt.find(task.root, assignment.name, sha256)
        if adoption is not None:
            notes.append(f"made of '{adoption.source}' by grader adopt, and graded as a hand-in of the public course")
        blank = replace(blank, submission_sha256=sha256, warnings=tuple(notes))
        outcome = _judged(task, assignment, tree, blank, adoption)
    return replace(outcome, seconds=round(time.perf_counter() - started, 3))


def lost(task: Task, why: str) -> HandinOutcome:
    """The outcome of a hand-in whose judge died: every problem is pending, by our fault."""
    assignment = _assignment(task.root, task.assignment)
    chosen = assignment.problems if task.problems is None else task.problems
    expected = ExpectedTest("(grading)")
    return HandinOutcome(
        assignment=assignment.name,
        submission=task.name,
        submission_sha256="",
        assignment_sha256=_hash(task.root, task.assignment),
        seed=task.seed,
        engine=task.engine,
        status="graded",
        policy=task.policy.value,
        expected=dict.fromkeys(chosen, (expected,)),
        tests=tuple(TestOutcome(expected.name, p, False, Verdict.GRADER_ERROR, why, 0.0) for p in chosen),
        versions={"grader": version()},
    )


@functools.cache
def _hash(root: Path, name: str) -> str:
    return overlay.assignment_sha256(_assignment(root, name))


def _judged(
    task: Task,
    assignment: Assignment,
    tree: overlay.Overlay,
    blank: HandinOutcome,
    adoption: adopt.Adoption | None,
) -> HandinOutcome:
    engine = sandbox.choose(task.engine)
    policy = Policy.from_table(assignment.policy, assignment.toml)
    adapters = {problem.id: problem.adapters for problem in assignment.problems.values()}
    with ThreadPoolExecutor(1) as beside:  # the source check waits for a process of its own, so it costs no time
        check = beside.submit(scan_in_process, tree.package, policy, adapters, assignment.staff_owned)
        try:
            judged = judge(
                assignment, tree.root, engine, seed=task.seed, guard=policy.for_guard(), problems=task.problems,
                recording=task.recording, adoption=adoption, first=task.first,
            )  # fmt: skip
        except GraderError as error:
            return replace(lost(task, str(error)), submission_sha256=blank.submission_sha256, warnings=blank.warnings)
        scan = check.result()
    seen = (scan.seen_at_run_time(event.rule, event.file, event.line, event.problem, policy) for event in judged.events)
    findings = [*scan.findings, *(finding for finding in seen if finding is not None)]
    findings += integrity.findings(judged.notices)
    warnings = blank.warnings if engine.isolating else (ONLY_WARNED, *blank.warnings)
    for problem, names in judged.left_out.items():
        listed = ", ".join(dict.fromkeys(name.partition("[")[0] for name in names))
        warnings += (f"{problem}: {len(names)} tests left out, being beyond the public course: {listed}",)
    return replace(
        blank,
        expected=judged.expected,
        tests=judged.tests,
        findings=tuple(dict.fromkeys(findings)),
        warnings=warnings,
        versions={**blank.versions, **judged.versions},
    )
