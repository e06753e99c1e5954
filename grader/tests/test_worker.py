"""What the worker does so that a process per test is cheap changes nothing a test could see."""

from grader.outcome import Verdict

OPTIMIZER = """
import sys, torch
class Steps(torch.optim.Optimizer):
    def step(self, closure=None):
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.data -= parameter.grad
_double = double
def double(x):
    parameter = torch.nn.Parameter(torch.ones(2))
    steps = Steps([parameter], {})
    steps.zero_grad()
    parameter.sum().backward()
    steps.step()
    steps.load_state_dict(steps.state_dict())
    assert parameter.tolist() == [0.0, 0.0]
    assert "torch._dynamo" not in sys.modules, "the compiler was imported, which takes a second"
    return _double(x)
"""

SEEDS = """
import random
import numpy, torch
_double = double
def double(x):
    drawn = random.random(), numpy.random.random(), torch.rand(()).item()
    random.seed(0), numpy.random.seed(0), torch.manual_seed(0)
    assert drawn == (random.random(), numpy.random.random(), torch.rand(()).item())
    return _double(x)
"""


def test_an_optimizer_works_without_importing_the_compiler(grade_tiny, handin):
    outcome = grade_tiny(handin(append=OPTIMIZER))
    assert {test.verdict for test in outcome.tests} == {Verdict.PASS}, outcome.tests


def test_random_numbers_begin_alike_in_each_test(grade_tiny, handin):
    outcome = grade_tiny(handin(append=SEEDS))
    assert {test.verdict for test in outcome.tests} == {Verdict.PASS}, outcome.tests
