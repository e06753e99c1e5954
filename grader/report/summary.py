"""What a class's scores come to: counts, middle values, a histogram, and how each problem went."""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.scoring import HandinScore

BINS = 10


@dataclass(frozen=True)
class ProblemSummary:
    """How one problem went. `graded` counts the hand-ins that were opened; `verdicts` sums to it."""

    id: str
    title: str
    max_score: float
    bonus: bool
    graded: int
    passed: int
    pending: int
    verdicts: Mapping[str, int]


@dataclass(frozen=True)
class ClassSummary:
    """A class in numbers. `mean` and `median` are of the hand-ins that were opened, None if none was.

    `histogram` counts them by tenths of the points that could be had; full marks are in the last.
    """

    handins: int
    graded: int
    refused: int
    provisional: int
    full: int
    mean: float | None
    median: float | None
    histogram: tuple[int, ...]
    problems: tuple[ProblemSummary, ...]


def summarise(scores: Sequence[HandinScore]) -> ClassSummary:
    """The summary of a class."""
    graded = [score for score in scores if not score.refused]
    points = [score.score for score in graded]
    tenths = Counter(min(int(share(score) * BINS), BINS - 1) for score in graded)
    return ClassSummary(
        handins=len(scores),
        graded=len(graded),
        refused=len(scores) - len(graded),
        provisional=sum(score.provisional for score in scores),
        full=sum(score.regular >= score.max_score for score in graded),
        mean=statistics.fmean(points) if points else None,
        median=statistics.median(points) if points else None,
        histogram=tuple(tenths[tenth] for tenth in range(BINS)),
        problems=_problems(scores, graded),
    )


def share(score: HandinScore) -> float:
    """The score as a share of what could be had, from 0 on; above 1 with bonus points."""
    return score.share


def _problems(scores: Sequence[HandinScore], graded: Sequence[HandinScore]) -> tuple[ProblemSummary, ...]:
    shape = {problem.id: problem for score in scores for problem in score.problems}
    verdicts: dict[str, Counter[str]] = {name: Counter() for name in shape}
    for score in graded:
        for problem in score.problems:
            verdicts[problem.id][problem.verdict.value] += 1
    return tuple(
        ProblemSummary(
            id=name,
            title=problem.title,
            max_score=problem.max_score,
            bonus=problem.bonus,
            graded=verdicts[name].total(),
            passed=verdicts[name]["PASS"],
            pending=verdicts[name]["GRADER_ERROR"],
            verdicts=dict(verdicts[name]),
        )
        for name, problem in shape.items()
    )
