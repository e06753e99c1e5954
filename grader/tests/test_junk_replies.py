"""Whatever the functions of a hand-in return, every assignment's tests say that it is wrong: none breaks, none passes
with a problem's others, so that nothing can be had by returning nothing, and no nonsense is taken for our own error.
"""

from pathlib import Path

import pytest
import torch

from grader import assignment as assignments
from grader import grading, sandbox, scoring, wire
from grader.outcome import Verdict
from grader.task import Task
from grader.tests.test_mutated_replies import Mutating

ROOT = Path(__file__).parents[2]
REPLIES = {
    "no_items": [],
    "lists_of_anything": [[1, "a"], {"b": None}, []],
    "a_huge_number": 2**wire.MAX_BITS - 1,
    "two_tensors": [torch.zeros(2), torch.zeros(3)],
}


class Careless(Mutating):
    """An engine whose worker answers every call with the same value."""

    name = "careless"

    def __init__(self, value):
        self.value = value

    def reply(self, request):
        if request["op"] == "call":
            return {"id": request["id"], "value": self.value, "events": []}
        return super().reply(request)

    def garbled(self, frame):
        return [frame]


@pytest.mark.slow
@pytest.mark.parametrize("reply", REPLIES)
@pytest.mark.parametrize("name", assignments.names(ROOT))
def test_no_test_is_broken_by_a_reply_and_no_problem_is_solved_by_one(monkeypatch, name, reply):
    monkeypatch.setitem(sandbox.ENGINES, Careless.name, Careless(REPLIES[reply]))
    course = assignments.load(ROOT, name)
    outcome = grading.grade(Task(ROOT, name, course.solution, "careless", 336, Careless.name))
    assert len(outcome.tests) > len(course.problems)
    ours = [
        f"{test.problem}: {test.name}: {test.message}" for test in outcome.tests if test.verdict is Verdict.GRADER_ERROR
    ]
    assert ours == []
    assert [problem.id for problem in scoring.score(outcome, course).problems if problem.score] == []
