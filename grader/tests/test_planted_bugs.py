"""Every planted bug of every assignment is noticed by the tests of its own problem, and costs what it says it does.

Run two at a time on the best engine, each up to its first failure; results are kept by content in `build/mutants`.
"""

import pytest

from grader import assignment as assignments
from grader import mutants, sandbox
from grader.mutants import Report
from grader.tests.conftest import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

JOBS = 2
LEAST = {
    "assignment1_basics": 120,
    "assignment2_systems": 60,
    "assignment3_scaling": 100,
    "assignment4_data": 400,
    "assignment5_alignment": 600,
}


@pytest.fixture(scope="module", params=assignments.names(REPOSITORY))
def report(request: pytest.FixtureRequest) -> Report:
    """All bugs of one assignment, run."""
    course = assignments.load(REPOSITORY, request.param)
    chosen = mutants.bugs(course)
    found = mutants.run(course, chosen, jobs=JOBS, engine=sandbox.choose().name)
    assert len(chosen) >= LEAST[course.name]
    return Report(tuple(chosen), {result.name: result for result in found})


def test_no_bug_survives(report):
    assert report.ours == []
    assert report.survivors == []


def test_bugs_cost_the_problems_that_they_name(report):
    assert report.disagreements == []
