"""What a student may see of a graded hand-in. Staff see all of it.

Of a hidden test a student sees the name, a hint and whether it passed, or nothing: never its message, its inputs, how
it failed or how long it took. What the worker said of a forbidden use at run time is a stranger's word that could carry
a hidden input out (`torch.nn.functional.<anything>`, line 31337…): of it a student sees our own words, the file and the
problem. Seed and engine are left out (they would help to prepare answers), and so is what the
grader says about its own errors and about findings that are for staff's eyes.
"""

from dataclasses import replace

from grader.course.policy import Visibility
from grader.export.folder import Finding, Handin, Problem, Test
from grader.outcome import Verdict
from grader.scoring import worst

OURS = "An error of the grader, not of your code. No points are lost: they are pending until it is graded again."
AT_RUN_TIME = "was used when the code ran"
NOTES = ("left out of the hand-in:", "outside ", "staff-owned files of the hand-in ")
"""How the notes begin that are about the student's own files; other warnings are for staff."""


def for_student(handin: Handin, visibility: Visibility) -> Handin:
    """`handin` without what is for staff."""
    findings = tuple(dict.fromkeys(_finding(finding) for finding in handin.findings if finding.kind == "policy"))
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


def _finding(finding: Finding) -> Finding:
    if AT_RUN_TIME not in finding.message:
        return finding
    return replace(finding, line=0, message=f"something {AT_RUN_TIME}; the from-scratch policy forbids {finding.rule}")


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
