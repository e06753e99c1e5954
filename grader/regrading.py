"""Grades again what a change of tests or points touches, and sets old and new side by side.

Only problems whose tests changed are run again; of the others the kept outcome stands. What comes of it is proposed
in the gradebook and becomes a grade when it is applied. An error of ours proposes nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from grader import scoring
from grader.assignment import Assignment
from grader.batch import Batch
from grader.gradebook import Entry, Gradebook, source_sha256
from grader.merging import merged
from grader.outcome import HandinOutcome
from grader.scoring import HandinScore
from grader.task import PolicyMode, Task


@dataclass(frozen=True)
class Change:
    """A hand-in's old grade and its new one. `problems` were run again; `lost` says why there is no new grade."""

    entry: Entry
    new: HandinScore | None
    problems: tuple[str, ...]
    lost: str = ""

    @property
    def differs(self) -> bool:
        """Whether the points are other ones."""
        return self.new is not None and (self.new.score, self.new.max_score) != (self.entry.score, self.entry.max_score)


def regrade(course: Assignment, book: Gradebook, batch: Batch) -> Iterator[Change]:
    """Propose new grades for all hand-ins of the assignment in the book, each once."""
    entries = {entry.name: entry for entry in book.entries(course.name)}
    touched = {name: _touched(entry, batch.problem_hashes, course) for name, entry in entries.items()}
    for name, entry in entries.items():
        if not touched[name]:
            yield Change(entry, scoring.score(_without_gone(entry.outcome, course), course), ())
    tasks = [_task(course, entries[name], problems) for name, problems in touched.items() if problems]
    tasks_by_name = {task.name: task for task in tasks}
    for task in [task for task in tasks if source_sha256(task.handin) is None]:
        yield Change(entries[task.name], None, task.problems or (), f"{task.handin} cannot be read any more")
        del tasks_by_name[task.name]
    for task, _, outcome in batch.outcomes(list(tasks_by_name.values())):
        entry = entries[task.name]
        if entry.outcome.submission_sha256 != outcome.submission_sha256:
            yield Change(entry, None, task.problems or (), f"{task.handin} is not what was graded any more")
            continue
        together = merged(_without_gone(entry.outcome, course), outcome)
        problems = tuple(problem for problem in course.problems if problem in together.expected)
        everything = len(problems) == len(course.problems)
        key = batch.key(replace(task, problems=None if everything else problems))
        if key is None or not book.propose(key, together, batch.problem_hashes):
            yield Change(entry, None, task.problems or (), "an error of the grader; the grade stays as it is")
            continue
        yield Change(entry, scoring.score(together, course), task.problems or ())


def _touched(entry: Entry, hashes: Mapping[str, str], course: Assignment) -> tuple[str, ...]:
    """The problems to run again: graded ones whose tests are other ones now, and those that the course did not have."""
    if entry.outcome.status == "refused":
        return ()
    was, graded = entry.problem_hashes, entry.outcome.expected
    return tuple(p for p in course.problems if p not in was or (p in graded and was[p] != hashes[p]))


def _without_gone(outcome: HandinOutcome, course: Assignment) -> HandinOutcome:
    """The outcome without problems that the course has no longer."""
    return replace(
        outcome,
        expected={problem: tests for problem, tests in outcome.expected.items() if problem in course.problems},
        tests=tuple(test for test in outcome.tests if test.problem in course.problems),
    )


def _task(course: Assignment, entry: Entry, problems: tuple[str, ...]) -> Task:
    outcome = entry.outcome
    return Task(
        course.root, course.name, entry.source, entry.name, outcome.seed, outcome.engine, problems,
        PolicyMode(outcome.policy),
    )  # fmt: skip
