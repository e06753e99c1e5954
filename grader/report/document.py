"""The JSON of a scored hand-in and of a class: schema 1. Others build on it: keys may be added, none removed.

What is ours to mend comes first: problems and tests with a `GRADER_ERROR`, and in a class the hand-ins that
have one.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from grader.assignment import Assignment
from grader.findings import Finding
from grader.outcome import TestOutcome
from grader.report.summary import summarise
from grader.report.text import line, shown
from grader.scoring import HandinScore, ProblemScore

SCHEMA = 1


def of_handin(score: HandinScore) -> dict[str, Any]:
    """The report of one hand-in. A problem's `score` is null while it is pending."""
    outcome = score.outcome
    return {
        "schema": SCHEMA,
        "assignment": outcome.assignment,
        "submission": outcome.submission,
        "submission_sha256": outcome.submission_sha256,
        "assignment_sha256": outcome.assignment_sha256,
        "seed": outcome.seed,
        "engine": outcome.engine,
        "status": outcome.status,
        "refusal": line(outcome.refusal, 1000),
        "score": score.score,
        "max_score": score.max_score,
        "bonus": score.bonus,
        "provisional": score.provisional,
        "pending": dict(score.pending),
        "problems": [_problem(problem) for problem in ours_first(score.problems)],
        "findings": [_finding(finding) for finding in outcome.findings],
        "integrity": dict(Counter(line(finding.rule) for finding in integrity_of(score))),
        "policy": outcome.policy,
        "warnings": [line(warning, 1000) for warning in outcome.warnings],
        "versions": dict(outcome.versions),
        "seconds": outcome.seconds,
    }


def of_class(assignment: Assignment, scores: Sequence[HandinScore]) -> dict[str, Any]:
    """The report of a class: one row a hand-in, and what the rows come to."""
    return {
        "schema": SCHEMA,
        "assignment": assignment.name,
        "title": assignment.title,
        "max_score": max((score.max_score for score in scores), default=assignment.max_score),
        "summary": asdict(summarise(scores)),
        "handins": [_row(score) for score in staff_first(scores)],
    }


def ours_first(problems: Sequence[ProblemScore]) -> list[ProblemScore]:
    """Problems that our own error keeps undecided ahead of the others, both in the assignment's order."""
    return sorted(problems, key=lambda problem: not problem.pending)


def staff_first(scores: Sequence[HandinScore]) -> list[HandinScore]:
    """Hand-ins with an error of ours ahead of all others, both by name."""
    return sorted(scores, key=lambda score: (not score.provisional, score.outcome.submission))


def integrity_of(score: HandinScore) -> list[Finding]:
    """What was noticed that no homework needs to do: evidence for staff, never points."""
    return [finding for finding in score.outcome.findings if finding.kind == "integrity"]


def _row(score: HandinScore) -> dict[str, Any]:
    outcome = score.outcome
    return {
        "submission": outcome.submission,
        "submission_sha256": outcome.submission_sha256,
        "status": outcome.status,
        "refusal": line(outcome.refusal, 1000),
        "score": score.score,
        "max_score": score.max_score,
        "bonus": score.bonus,
        "provisional": score.provisional,
        "seed": outcome.seed,
        "engine": outcome.engine,
        "problems": {p.id: {"score": p.score, "verdict": p.verdict.value} for p in score.problems},
        "findings": len(outcome.findings),
        "integrity": len(integrity_of(score)),
        "seconds": outcome.seconds,
    }


def _problem(problem: ProblemScore) -> dict[str, Any]:
    return {
        "id": problem.id,
        "title": problem.title,
        "score": problem.score,
        "max_score": problem.max_score,
        "bonus": problem.bonus,
        "verdict": problem.verdict.value,
        "tests": [_test(test) for test in problem.tests],
    }


def _test(test: TestOutcome) -> dict[str, Any]:
    return {
        "name": line(test.name),
        "hidden": test.hidden,
        "verdict": test.verdict.value,
        "message": shown(test.message),
        "seconds": test.seconds,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    said = {"file": line(finding.file), "rule": line(finding.rule), "message": line(finding.message, 1000)}
    return {**asdict(finding), **said}
