"""Whatever a hand-in computes wrongly, of the right types or not, is its fault: no test of an assignment breaks by it.

The reference is graded with every reply bent. That takes as long as to grade it, so a session does so for one
assignment, another one after each change, and `make golden` for all.
"""

import os
import random
import zlib

import pytest

from grader import assignment as assignments
from grader import grading, overlay, sandbox, scoring
from grader.outcome import Verdict
from grader.submission import Submission
from grader.task import Task
from grader.tests.bending import bend
from grader.tests.conftest import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

NAMES = assignments.names(REPOSITORY)
CONTENT = "".join(overlay.assignment_sha256(assignments.load(REPOSITORY, name)) for name in NAMES)
CHOSEN = NAMES if os.environ.get("GOLDEN") == "all" else [NAMES[zlib.crc32(CONTENT.encode()) % len(NAMES)]]


@pytest.mark.parametrize("name", CHOSEN)
def test_a_wrong_reply_breaks_no_test_and_solves_no_problem(monkeypatch, name):
    chance, honest, bent = random.Random(zlib.crc32(CONTENT.encode())), Submission.call, []

    def call(self, *args):
        value = honest(self, *args)
        bent.append(args[1])
        return bend(chance, value)

    monkeypatch.setattr(Submission, "call", call)
    course = assignments.load(REPOSITORY, name)
    outcome = grading.grade(Task(REPOSITORY, name, course.solution, "bent", 336, sandbox.choose().name))
    assert len(bent) > len(course.problems)
    ours = [f"{t.problem}: {t.name}: {t.message}" for t in outcome.tests if t.verdict is Verdict.GRADER_ERROR]
    assert ours == []
    assert [problem.id for problem in scoring.score(outcome, course).problems if problem.score] == []
