"""Grades a batch of hand-ins against a gradebook: nothing that is in it is graded again, all that is new enters it.

Hand-ins of the same content are graded once. Problems whose tests measure time come last, one hand-in at a time on
a core of its own, while no other judge is at work.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from grader import adopt, overlay, pool, scoring
from grader.assignment import Assignment
from grader.gradebook import Gradebook, run_key, source_sha256
from grader.merging import merged
from grader.outcome import HandinOutcome
from grader.scoring import HandinScore
from grader.task import Task

Run = Callable[[Sequence[Task], int, bool], Iterator[tuple[Task, HandinOutcome]]]
"""What grades tasks, so many at a time and maybe each alone on a core: a pool here, or a cluster."""


@dataclass(frozen=True)
class Graded:
    """A hand-in with its score. `kept` says that it was in the gradebook already."""

    task: Task
    score: HandinScore
    kept: bool


class Batch:
    """Hand-ins of one assignment, graded into one gradebook. `again` grades what is kept, too.

    `problem_hashes` are `overlay.problem_sha256` of all problems of the assignment.
    """

    def __init__(
        self, course: Assignment, book: Gradebook, jobs: int, *, again: bool = False, run: Run = pool.grade_all
    ) -> None:
        self._course = course
        self._book = book
        self._jobs = jobs
        self._again = again
        self._run = run
        self._assignment_sha256 = overlay.assignment_sha256(course)
        self.problem_hashes = {problem: overlay.problem_sha256(course, problem) for problem in course.problems}

    def grade(self, tasks: Sequence[Task]) -> Iterator[Graded]:
        """Grade all; each comes once, those that are kept first."""
        new: dict[str, list[Task]] = defaultdict(list)
        for task in tasks:
            key = self.key(task)
            outcome = None if key is None or self._again else self._book.find(key)
            if outcome is None:
                new[key or f"unlike any other: {task.name}"].append(task)
            else:
                yield self._enter(task, key, outcome, kept=True)
        alike = {same[0].name: same for same in new.values()}
        for task, outcome in self._outcomes([same[0] for same in new.values()]):
            for each in alike[task.name]:
                yield self._enter(each, self.key(each), outcome, kept=False)

    def outcomes(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, str | None, HandinOutcome]]:
        """The tasks' outcomes with their keys, kept or new, entered as nobody's grade."""
        for task, outcome in self._outcomes(tasks):
            yield task, self.key(task), outcome

    def _enter(self, task: Task, key: str | None, outcome: HandinOutcome, *, kept: bool) -> Graded:
        score = scoring.score(replace(outcome, submission=task.name), self._course)
        if key is not None:
            self._book.enter(key, score, self.problem_hashes, task.handin)
        return Graded(task, score, kept)

    def _outcomes(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, HandinOutcome]]:
        timed = {problem.id for problem in self._course.problems.values() if problem.timed}
        chosen = {task.name: task.problems or tuple(self._course.problems) for task in tasks}
        apart = {
            task.name: tuple(problem for problem in chosen[task.name] if problem in timed)
            for task in tasks
            if self._jobs > 1 and timed.intersection(chosen[task.name]) and not timed.issuperset(chosen[task.name])
        }
        whole = {task.name: task for task in tasks}
        first = [
            replace(task, problems=tuple(p for p in chosen[task.name] if p not in timed))
            if task.name in apart
            else task
            for task in tasks
        ]
        halves: dict[str, HandinOutcome] = {}
        for task, outcome in self._kept_or_run(first, self._jobs, alone=False):
            if task.name in apart and outcome.status == "graded":
                halves[task.name] = outcome
            else:
                yield whole[task.name], outcome
        second = [replace(task, problems=apart[task.name]) for task in tasks if task.name in halves]
        for task, outcome in self._kept_or_run(second, 1, alone=True):
            yield whole[task.name], merged(halves.pop(task.name), outcome)

    def _kept_or_run(self, tasks: Sequence[Task], jobs: int, *, alone: bool) -> Iterator[tuple[Task, HandinOutcome]]:
        """Parts of hand-ins are kept, too, so that a killed run does not begin them again."""
        missing = []
        for task in tasks:
            key = self.key(task)
            outcome = None if key is None or self._again else self._book.find(key)
            if outcome is None:
                missing.append(task)
            else:
                yield task, replace(outcome, submission=task.name)
        for task, outcome in self._run(missing, jobs, alone) if missing else ():
            key = self.key(task)
            if key is not None:
                self._book.keep(key, outcome, self.problem_hashes)
            yield task, outcome

    def key(self, task: Task) -> str | None:
        """The key of the outcome that `task` will have; None where its hand-in cannot be read safely."""
        source = source_sha256(task.handin)
        if source is None:
            return None
        adoption = self._adoption(task)
        return run_key(task, source, f"{self._assignment_sha256} {adoption}" if adoption else self._assignment_sha256)

    def _adoption(self, task: Task) -> adopt.Adoption | None:
        """What the course remembers of the hand-in, if `grader adopt` made it: that decides which tests it is asked."""
        if not task.handin.is_dir():
            return None
        return adopt.find(task.root, task.assignment, overlay.submission_sha256(task.handin, self._course.staff_owned))
