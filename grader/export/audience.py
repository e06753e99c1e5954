"""What a student may see of a graded hand-in. Staff see all of it.

Of a hidden test a student sees the name, a hint and whether it passed, or nothing: never its message, its inputs, how
it failed or how long it took. Seed and engine are left out (they would help to prepare answers), and so is what the
grader says about its own errors and about findings that are for staff's eyes.
"""

from dataclasses import replace

from grader.course.policy import Visibility
from grader.export.folder import Handin, Problem, Test
from grader.outcome import Verdict
from grader.scoring import worst

OURS = "An error of the grader, not of your code. No points are lost: they are pending until it is graded again."
NOTES = ("left out of the hand-in:", "outside ", "staff-owned files of the hand-in ")
"""How the notes begin that are about the student's own files; other warnings are for staff."""


def for_student(handin: Handin, visibility: Visibility) -> Handin:
    """`handin` without what is for staff."""
    findings = tuple(finding for finding in handin.findings if finding.kind == "policy")
    breaking = {finding.problem for finding in findings}
    return replace(
        handin,
        seed=0,
        engine="",
        problems=tuple(_problem(p, handin.assignment, visibility, p.id in breaking) for p in handin.problems),
        findings=findings,
        warnings=tuple(warning for warning in handin.warnings if warning.startswith(NOTES)),
        seconds=0.0,
    )


def _problem(problem: Problem, assignment: str, visibility: Visibility, breaking: bool) -> Problem:
    tests = tuple(
        _hidden(test, visibility.hint(assignment, problem.id, test.name)) if test.hidden else _public(test)
        for test in problem.tests
        if not test.hidden or visibility.hidden_tests == "hint"
    )
    return replace(problem, tests=tests, verdict=_verdict(problem, tests, breaking))


def _verdict(problem: Problem, tests: tuple[Test, ...], breaking: bool) -> Verdict:
    """The problem's verdict as far as its visible tests tell it."""
    if problem.verdict in (Verdict.PASS, Verdict.GRADER_ERROR) or (problem.verdict is Verdict.POLICY and breaking):
        return problem.verdict
    failed = [test.verdict for test in tests if test.verdict not in (Verdict.PASS, Verdict.GRADER_ERROR)]
    return worst(failed) if failed else Verdict.FAIL


def _public(test: Test) -> Test:
    return replace(test, message=OURS) if test.verdict is Verdict.GRADER_ERROR else test


def _hidden(test: Test, hint: str) -> Test:
    if test.verdict is Verdict.GRADER_ERROR:
        return replace(test, message=OURS, seconds=0.0)
    passed = test.verdict is Verdict.PASS
    return replace(test, verdict=Verdict.PASS if passed else Verdict.FAIL, message="" if passed else hint, seconds=0.0)
