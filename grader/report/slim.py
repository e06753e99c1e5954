"""A score without what a class's page does not show, so that thousands of them fit into memory."""

import sys
from dataclasses import replace

from grader.outcome import TestOutcome
from grader.report.page import LONGEST_MESSAGE
from grader.report.text import shown
from grader.scoring import HandinScore


def slim(score: HandinScore) -> HandinScore:
    """`score` with its messages cut as the page cuts them, equal ones held once, and no second copy of its tests."""
    problems = tuple(replace(problem, tests=tuple(map(_slim, problem.tests))) for problem in score.problems)
    return replace(score, outcome=replace(score.outcome, tests=(), expected={}), problems=problems)


def _slim(test: TestOutcome) -> TestOutcome:
    return replace(test, name=sys.intern(test.name), message=sys.intern(shown(test.message, LONGEST_MESSAGE)))
