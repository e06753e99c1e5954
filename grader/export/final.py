"""Graded folders and the times of hand-ins, joined to attempts; what cannot be joined is said, never guessed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from grader.course.attempts import Attempt, Submitted
from grader.course.grade import Grade, grade
from grader.course.policy import Policy
from grader.course.roster import Student, spelled
from grader.errors import ConfigError
from grader.export.folder import Handin


@dataclass(frozen=True)
class Finals:
    """The grades by student's id, and what stands on one side only."""

    grades: dict[str, Grade]
    names: dict[str, str]
    without_time: tuple[str, ...]
    """Hand-ins that were graded, but of which nobody said whose they are and when they came."""
    owners: dict[str, str]
    """The student of each graded hand-in, by `assignment/submission`."""
    not_graded: tuple[str, ...]
    """Hand-ins that came, but were not graded; they leave their students' grades provisional."""

    def lines(self, handin: Handin) -> tuple[str, ...]:
        """The steps to what its assignment comes to for the student who handed it in; nothing where that is not known."""
        grade = self.grades.get(self.owners.get(_key(handin), ""))
        parts = () if grade is None else grade.assignments
        return next((part.lines for part in parts if part.assignment == handin.assignment), ())


def of(handins: Sequence[Handin], times: Sequence[Submitted], policy: Policy) -> Finals:
    """The final grade of everyone on the roster, and of everyone else who handed in.

    Raises:
        ConfigError: two lines of the times are of one hand-in.
    """
    when: dict[tuple[str, str], Submitted] = {}
    for row in times:
        key = (row.assignment, spelled(row.submission))
        if when.setdefault(key, row) is not row:
            raise ConfigError(f"two lines of the attempts are of the hand-in '{row.submission}'; expected one")
    attempts, without, used, owners = [], [], set(), {}
    for handin in handins:
        name = spelled(handin.submission)
        found = when.get((handin.assignment, name)) or when.get(("", name))
        if found is None:
            without.append(f"{handin.assignment}: {handin.submission}")
        else:
            used.add((found.assignment, spelled(found.submission)))
            owners[_key(handin)] = found.student
            attempts.append(_attempt(handin, found))
    missing = [row for key, row in when.items() if key not in used]
    graded = sorted({handin.assignment for handin in handins})
    for row in missing:
        attempts += [_ungraded(row, name) for name in ([row.assignment] if row.assignment else graded)]
    on_roster = {} if policy.roster is None else dict(policy.roster.students)
    others = sorted({attempt.student for attempt in attempts} - on_roster.keys())
    students = [*on_roster.values(), *(Student(name) for name in others)]
    return Finals(
        grades={student.id: grade(attempts, policy, student) for student in students},
        names={student.id: student.name for student in students},
        without_time=tuple(without),
        owners=owners,
        not_graded=tuple(row.submission for row in missing),
    )


def _key(handin: Handin) -> str:
    return f"{handin.assignment}/{handin.submission}"


def _attempt(handin: Handin, found: Submitted) -> Attempt:
    return Attempt(
        student=found.student,
        assignment=handin.assignment,
        submission=handin.submission,
        submitted=found.submitted,
        score=handin.score,
        max_score=handin.max_score,
        pending=sum(handin.pending.values()),
        refusal=handin.refusal if handin.status == "refused" else "",
    )


def _ungraded(row: Submitted, assignment: str) -> Attempt:
    return Attempt(row.student, assignment, row.submission, row.submitted, math.nan, math.nan)
