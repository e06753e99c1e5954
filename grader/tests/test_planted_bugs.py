"""Planted bugs of every assignment are noticed by the tests of their own problem, and cost what they say they do.

Run two at a time on the best engine, each up to its first failure; results are kept by content in `build/mutants`. There are
2,000 of them, so a session runs a third, another one after each change of the assignment; `make golden` runs all.
"""

import os
import zlib

import pytest

from grader import assignment as assignments
from grader import mutants, overlay, sandbox
from grader.mutants import Report
from grader.tests.conftest import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

JOBS = 2
PARTS = 1 if os.environ.get("GOLDEN") == "all" else 3
LEAST = {
    "assignment1_basics": 120,
    "assignment2_systems": 60,
    "assignment3_scaling": 100,
    "assignment4_data": 400,
    "assignment5_alignment": 600,
}


@pytest.fixture(scope="module", params=assignments.names(REPOSITORY))
def report(request: pytest.FixtureRequest) -> Report:
    """Bugs of one assignment, run."""
    course = assignments.load(REPOSITORY, request.param)
    known, content = mutants.bugs(course), overlay.assignment_sha256(course)
    assert len(known) >= LEAST[course.name]
    chosen = [bug for bug in known if zlib.crc32(f"{bug.name} {content}".encode()) % PARTS == 0]
    assert len(chosen) >= len(known) / PARTS / 2
    found = mutants.run(course, chosen, jobs=JOBS, engine=sandbox.choose().name)
    return Report(tuple(chosen), {result.name: result for result in found})


def test_no_bug_survives(report):
    assert report.ours == []
    assert report.survivors == []


def test_bugs_cost_the_problems_that_they_name(report):
    assert report.disagreements == []
