"""Grades one hand-in: intake, overlay, policy, judge, outcome. What a pool of judges runs many times.

Whatever goes wrong on our side becomes part of the outcome, never an exception that would end a batch.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from grader import adopt, integrity, overlay, sandbox, scratch
from grader.assignment import Assignment
from grader.errors import GraderError, HandinError
from grader.intake import open_handin
from grader.judge import judge
from grader.outcome import HandinOutcome
from grader.policy import Policy, scan_in_process
from grader.task import Task, assignment_of, blank, lost

ONLY_WARNED = "the engine 'plain' does not contain hostile code: this hand-in could read and change the user's files"


def grade(task: Task) -> HandinOutcome:
    """Open, overlay and judge one hand-in; a hand-in that is refused has an outcome, too."""
    assignment = assignment_of(task)
    started = time.perf_counter()
    empty = blank(task)
    with scratch.folder() as folder:
        try:
            handin = open_handin(task.handin, assignment.name, folder / "handin")
            tree = overlay.build(assignment, handin.folder, folder / "tree")
            sha256 = overlay.submission_sha256(handin.folder, assignment.staff_owned)
        except HandinError as error:
            return replace(empty, status="refused", refusal=str(error), seconds=time.perf_counter() - started)
        notes = [*handin.notes]
        if tree.ignored:
            notes.append(f"staff-owned files of the hand-in were not used: {', '.join(tree.ignored[:12])}")
        adoption = adopt.find(task.root, assignment.name, sha256)
        if adoption is not None:
            notes.append(f"made of '{adoption.source}' by grader adopt, and graded as a hand-in of the public course")
        begun = replace(empty, submission_sha256=sha256, warnings=tuple(notes))
        outcome = _judged(task, assignment, tree, begun, adoption)
    return replace(outcome, seconds=round(time.perf_counter() - started, 3))


def _judged(
    task: Task,
    assignment: Assignment,
    tree: overlay.Overlay,
    begun: HandinOutcome,
    adoption: adopt.Adoption | None,
) -> HandinOutcome:
    engine = sandbox.choose(task.engine)
    policy = Policy.from_table(assignment.policy, assignment.toml)
    adapters = {problem.id: problem.adapters for problem in assignment.problems.values()}
    with ThreadPoolExecutor(1) as beside:  # the source check waits for a process of its own, so it costs no time
        check = None
        if not task.first_failure:
            check = beside.submit(scan_in_process, tree.package, policy, adapters, assignment.staff_owned)
        try:
            judged = judge(
                assignment, tree.root, engine, seed=task.seed, guard=policy.for_guard(), problems=task.problems,
                recording=task.recording, adoption=adoption, first=task.first, first_failure=task.first_failure,
            )  # fmt: skip
        except GraderError as error:
            return replace(lost(task, str(error)), submission_sha256=begun.submission_sha256, warnings=begun.warnings)
        scan = None if check is None else check.result()
    findings = [*integrity.findings(judged.notices)]
    if scan is not None:
        seen = (scan.seen_at_run_time(e.rule, e.file, e.line, e.problem, policy) for e in judged.events)
        findings = [*scan.findings, *(finding for finding in seen if finding is not None), *findings]
    warnings = begun.warnings if engine.isolating else (ONLY_WARNED, *begun.warnings)
    for problem, names in judged.left_out.items():
        listed = ", ".join(dict.fromkeys(name.partition("[")[0] for name in names))
        warnings += (f"{problem}: {len(names)} tests left out, being beyond the public course: {listed}",)
    return replace(
        begun,
        expected=judged.expected,
        tests=judged.tests,
        findings=tuple(dict.fromkeys(findings)),
        warnings=warnings,
        versions={**begun.versions, **judged.versions},
    )
