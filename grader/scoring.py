"""Points: a pure function of what a hand-in's tests came to and of the points in `assignment.toml`.

A problem scores all its points or none. It has passed when every test that was to run is recorded exactly
once, as `PASS`. A record that is missing, double or unforeseen is not the student's doing: it counts as
`GRADER_ERROR`. A problem with such a test, and otherwise nothing but passes, is *pending*: no points are
given or taken, and the total is provisional. A problem in which another test failed is decided, whatever ours
did.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grader.assignment import Assignment, Problem
from grader.errors import ConfigError
from grader.outcome import ExpectedTest, HandinOutcome, TestOutcome, Verdict

WORST_FIRST = (
    Verdict.POLICY,
    Verdict.CRASH,
    Verdict.MEMORY,
    Verdict.TIMEOUT,
    Verdict.ERROR,
    Verdict.FAIL,
    Verdict.NOT_IMPLEMENTED,
    Verdict.GRADER_ERROR,
    Verdict.PASS,
)
"""A problem's verdict is the first of these that one of its tests has. Ours comes after all that decide."""


@dataclass(frozen=True)
class ProblemScore:
    """One problem of one hand-in. `score` is None while the problem is pending."""

    id: str
    title: str
    score: float | None
    max_score: float
    bonus: bool
    verdict: Verdict
    tests: tuple[TestOutcome, ...]

    @property
    def pending(self) -> bool:
        """Whether our own failure keeps this problem undecided."""
        return self.score is None


@dataclass(frozen=True)
class HandinScore:
    """A scored hand-in. `score` sums what is decided; `max_score` is that of the problems that were run.

    Bonus problems add to `score` and not to `max_score`, so nobody needs them for 100 %.
    """

    outcome: HandinOutcome
    title: str
    score: float
    max_score: float
    problems: tuple[ProblemScore, ...]

    @property
    def pending(self) -> Mapping[str, float]:
        """Points of the problems that are not decided."""
        return {problem.id: problem.max_score for problem in self.problems if problem.pending}

    @property
    def bonus(self) -> float:
        """The part of `score` that comes from bonus problems."""
        return math.fsum(p.score for p in self.problems if p.bonus and p.score is not None)

    @property
    def regular(self) -> float:
        """The part of `score` that `max_score` is about."""
        return math.fsum(p.score for p in self.problems if not p.bonus and p.score is not None)

    @property
    def share(self) -> float:
        """`score` as a share of `max_score`, above 1 with bonus points; of the bonus points where only these were run."""
        return self.score / (self.max_score or math.fsum(p.max_score for p in self.problems) or 1.0)

    @property
    def provisional(self) -> bool:
        """Whether the score may still rise."""
        return bool(self.pending)

    @property
    def refused(self) -> bool:
        """Whether the hand-in could not be opened."""
        return self.outcome.status == "refused"


def score(outcome: HandinOutcome, assignment: Assignment) -> HandinScore:
    """Give the points of `assignment` for `outcome`; problems that were not run do not count.

    Raises:
        ConfigError: the outcome is of another assignment, or names a problem that the TOML does not have.
    """
    if outcome.assignment != assignment.name:
        raise ConfigError(f"an outcome of '{outcome.assignment}' cannot be scored as '{assignment.name}'")
    for name in outcome.expected:
        if name not in assignment.problems:
            raise ConfigError(f"{assignment.toml}: has no problem '{name}', but a kept outcome does")
    refused = outcome.status == "refused"
    everything = refused and not outcome.expected
    chosen = [p for p in assignment.problems.values() if everything or p.id in outcome.expected]
    problems = tuple(_refused(problem) if refused else _problem(problem, outcome) for problem in chosen)
    return HandinScore(
        outcome=outcome,
        title=assignment.title,
        score=math.fsum(p.score for p in problems if p.score is not None),
        max_score=math.fsum(p.max_score for p in problems if not p.bonus),
        problems=problems,
    )


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The first in `WORST_FIRST` of the given ones."""
    return min(verdicts, key=WORST_FIRST.index)


def _problem(problem: Problem, outcome: HandinOutcome) -> ProblemScore:
    tests = _accounted(problem.id, outcome.expected[problem.id], outcome.tests)
    verdicts = [test.verdict for test in tests]
    broken = any(f.kind == "policy" and f.problem == problem.id for f in outcome.findings)
    if broken and outcome.policy == "enforce":
        verdicts.append(Verdict.POLICY)
    verdict = worst(verdicts)
    decided = {Verdict.PASS: problem.points, Verdict.GRADER_ERROR: None}.get(verdict, 0.0)
    return ProblemScore(problem.id, problem.title, decided, problem.points, problem.bonus, verdict, _ours_first(tests))


def _refused(problem: Problem) -> ProblemScore:
    return ProblemScore(problem.id, problem.title, 0.0, problem.points, problem.bonus, Verdict.ERROR, ())


def _accounted(
    problem: str, expected: tuple[ExpectedTest, ...], recorded: tuple[TestOutcome, ...]
) -> tuple[TestOutcome, ...]:
    """The problem's records, and one of ours for each that is missing, double or unforeseen."""
    tests = [test for test in recorded if test.problem == problem]
    times = Counter(ExpectedTest(test.name, test.hidden) for test in tests)
    for test in expected:
        if times[test] != 1:
            tests.append(_ours(problem, test, f"recorded {times[test]} times; expected once"))
    for test in times.keys() - set(expected):
        tests.append(_ours(problem, test, "recorded though it was not to run"))
    if not tests:
        tests.append(_ours(problem, ExpectedTest("(collection)"), "no test of this problem was to run"))
    return tuple(tests)


def _ours(problem: str, test: ExpectedTest, message: str) -> TestOutcome:
    return TestOutcome(test.name, problem, test.hidden, Verdict.GRADER_ERROR, message, 0.0)


def _ours_first(tests: tuple[TestOutcome, ...]) -> tuple[TestOutcome, ...]:
    return tuple(sorted(tests, key=lambda test: test.verdict is not Verdict.GRADER_ERROR))
