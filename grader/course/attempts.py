"""What was handed in, by whom and when, and what it scored."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.assignment import nearest
from grader.course import sheet
from grader.course.policy import Policy

TIME = "a time as in 2026-10-02T11:58:03-07:00"


@dataclass(frozen=True)
class Attempt:
    """One hand-in of one student. `pending` are points that an error of the grader keeps undecided.

    A `score` that is not a number stands for a hand-in that is not graded yet.
    """

    student: str
    assignment: str
    submission: str
    submitted: datetime
    score: float
    max_score: float
    pending: float = 0.0
    refusal: str = ""
    """Why the hand-in could not be opened; empty where it could."""


@dataclass(frozen=True)
class Submitted:
    """Who handed in what, and when, as a learning platform recorded it. An empty `assignment` stands for any."""

    submission: str
    student: str
    submitted: datetime
    assignment: str = ""


def read(path: Path, policy: Policy) -> list[Submitted]:
    """A CSV with the columns submission, student, submitted, and assignment where one file serves several.

    `submission` is the hand-in's name in the reports, `submitted` a time as in `2026-10-02T11:58:03-07:00`; one
    without an offset is in the course's time zone. A date alone is no time: nobody knows whether it was in time.

    Raises:
        ConfigError: the file is wrong, or names a student or an assignment that the course does not have.
    """
    rows = sheet.read(path, ("submission", "student", "submitted"), ("assignment",))
    sheet.unique(rows, "the hand-in", lambda row: f"{row.cells['assignment']}/{row.cells['submission']}")
    found = []
    for row in rows:
        name, student = row.cells["assignment"], row.text("student")
        if name and name not in policy.assignments:
            raise row.wrong("assignment", f"an assignment of this course{nearest(name, policy.assignments)}")
        if policy.roster is not None and student not in policy.roster.students:
            raise row.wrong("student", f"an id of the roster{nearest(student, policy.roster.students)}")
        try:
            when = datetime.fromisoformat(row.cells["submitted"])
        except ValueError:
            raise row.wrong("submitted", TIME) from None
        if ":" not in row.cells["submitted"]:
            raise row.wrong("submitted", TIME)
        when = when if when.tzinfo else when.replace(tzinfo=policy.timezone)
        found.append(Submitted(row.text("submission"), student, when, name))
    return found
