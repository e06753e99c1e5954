"""What a worker does with a claim: hand-ins go through the batch engine into the gradebook, an entry through its track's
verification.

Both end as a `Result`. An error of ours is one, too: it costs nobody anything, and staff see it.
"""

import math
import multiprocessing
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.exc import InterfaceError, OperationalError

from grader import assignment as assignments
from grader import pool
from grader.batch import Batch, Graded, Run
from grader.errors import GraderError
from grader.gradebook import Gradebook
from grader.leaderboard import track as tracks
from grader.leaderboard import verification
from grader.leaderboard.verdict import Verdict
from grader.outcome import Verdict as Of
from grader.report.document import integrity_of
from grader.report.text import line
from grader.server.errors import Unavailable
from grader.server.queue import Claim, Claimed, Result
from grader.server.submissions import Kind, State
from grader.task import Task

OURS = "an error of the grader"
LONGEST = 1000
SHARED = "expected the folder in which the server keeps what was uploaded, shared with this worker's machine"


class Grading:
    """Grades claims of one course into one gradebook, `jobs` hand-ins at a time."""

    def __init__(
        self, root: Path, book: Gradebook, seed: int, engine: str, jobs: int, run: Run = pool.grade_all
    ) -> None:
        self._root, self._book, self._seed, self._engine = root, book, seed, engine
        self._jobs, self._run = jobs, run

    def results(self, claim: Claim) -> Iterator[tuple[Claimed, Result]]:
        """What came of each item, as it is ready. Whatever goes wrong is a result, but for the gradebook going away.

        Raises:
            Unavailable: the database does not answer; what was graded is in it, or is graded again.
        """
        for item in claim.items:
            if not item.path.is_file():  # no fault of whoever handed it in
                yield item, Result(State.FAILED, reason=f"{OURS}: the file is not there, as {item.path}; {SHARED}")
        claim = replace(claim, items=[item for item in claim.items if item.path.is_file()])
        if not claim.items:
            return
        left = {item.name: item for item in claim.items}
        try:
            found = self._hand_ins(claim) if claim.kind is Kind.HAND_IN else self._entry(claim)
            for name, result in found:
                yield left.pop(name), result
            why = "it was not graded"
        except (OperationalError, InterfaceError) as error:
            raise Unavailable("the database does not answer; try again") from error
        except GraderError as error:
            why = str(error)
        except Exception as error:  # a fault of ours in one claim must not end the worker
            why = f"{type(error).__name__}: {error}"
        for item in left.values():
            yield item, Result(State.FAILED, reason=f"{OURS}: {line(why, LONGEST)}")

    def _hand_ins(self, claim: Claim) -> Iterator[tuple[str, Result]]:
        course = assignments.load(self._root, claim.assignment)
        tasks = [Task(course.root, course.name, item.path, item.name, self._seed, self._engine) for item in claim.items]
        for graded in Batch(course, self._book, self._jobs, run=self._run).grade(tasks):
            yield graded.task.name, _of_hand_in(graded)

    def _entry(self, claim: Claim) -> Iterator[tuple[str, Result]]:
        track = tracks.find(self._root, claim.assignment, claim.track)
        [item] = claim.items
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context, initializer=pool.end_with_parent) as alone:
            verifying = alone.submit(
                verification.verify, self._root, claim.assignment, track, item.path, self._seed, self._engine
            )
            try:
                verdict = verifying.result()
            except BrokenProcessPool:
                raise GraderError("the process that verified the entry died") from None
        yield item.name, _of_entry(verdict)


def _of_hand_in(graded: Graded) -> Result:
    score = graded.score
    verdicts = {problem.id: problem.verdict.value for problem in score.problems}
    details: dict[str, Any] = {
        "problems": verdicts, "bonus": score.bonus, "integrity": len(integrity_of(score)),
        "seconds": score.outcome.seconds,
    }  # fmt: skip
    if score.refused:
        return Result(State.REFUSED, 0.0, score.max_score, score.outcome.refusal, details)
    if score.provisional:
        said = Counter(
            test.message for problem in score.problems for test in problem.tests if test.verdict is Of.GRADER_ERROR
        )
        why = next((message for message, _ in said.most_common(1)), "")
        reason = f"{OURS} in {', '.join(score.pending)}: {line(why, LONGEST)}"
        return Result(State.FAILED, reason=reason, details=details)
    return Result(State.DONE, score.score, score.max_score, details=details)


def _of_entry(verdict: Verdict) -> Result:
    details: dict[str, Any] = {
        "reasons": [line(reason, LONGEST) for reason in verdict.reasons],
        "notes": [line(note, LONGEST) for note in verdict.notes],
        "measurements": _finite(verdict.measurements), "spread": verdict.spread, "seconds": verdict.seconds,
    }  # fmt: skip
    placed = verdict.ok and verdict.score is not None and math.isfinite(verdict.score)
    if not placed:
        reason = verdict.reasons[0] if verdict.reasons else "it has no score"
        return Result(State.REFUSED, reason=reason, details=details, claimed=verdict.claim)
    return Result(State.DONE, verdict.score, details=details, claimed=verdict.claim)


def _finite(measurements: Mapping[str, float]) -> dict[str, float | str]:
    """What JSON can say of them."""
    return {line(key): value if math.isfinite(value) else str(value) for key, value in measurements.items()}
