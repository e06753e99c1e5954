"""The rules of a course as frozen data. What each means to a grade is in `lateness` and `grade`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from grader.course.roster import Roster

UTC = ZoneInfo("UTC")
DEFAULT_HINT = "This test is hidden: it calls the same functions with other inputs. Test more cases of your own."


@dataclass(frozen=True)
class Late:
    """What handing in late costs.

    `penalty_percent` of the automatic points goes for each `unit` begun after due that no late day covers. `days` is
    a student's budget of late days (24 hours each) for the whole course, `days_per_assignment` the most of them that
    one assignment may use. Within `grace_minutes` nothing is late. After `cutoff_days` nothing is accepted.
    """

    unit: Literal["day", "hour"] = "day"
    penalty_percent: float = 0.0
    days: int = 0
    days_per_assignment: int | None = None
    grace_minutes: float = 0.0
    cutoff_days: float | None = None

    @property
    def step(self) -> timedelta:
        """The unit as a length of time."""
        return timedelta(days=1) if self.unit == "day" else timedelta(hours=1)


@dataclass(frozen=True)
class Visibility:
    """What a student's report shows of a hidden test: its name and a hint, or nothing at all. Staff's shows all."""

    hidden_tests: Literal["hint", "nothing"] = "hint"
    hints: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    """assignment ─▶ problem ─▶ test ─▶ hint"""

    def hint(self, assignment: str, problem: str, test: str) -> str:
        """What a student reads about a hidden test."""
        return self.hints.get(assignment, {}).get(problem, {}).get(test, DEFAULT_HINT)


@dataclass(frozen=True)
class ManualItem:
    """Something of an assignment that people give points for. `given` is by student's id; who is not there has none yet."""

    id: str
    title: str
    points: float
    given: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class AssignmentRules:
    """One assignment's own rules. `points` is what its problems come to without bonus."""

    name: str
    points: float
    due: datetime | None = None
    manual: tuple[ManualItem, ...] = ()

    @property
    def max_points(self) -> float:
        """Points for 100 %, manual items included."""
        return self.points + sum(item.points for item in self.manual)


@dataclass(frozen=True)
class Extension:
    """More time for one student. The reason stays with staff."""

    student: str
    assignment: str
    due: datetime
    reason: str = ""


@dataclass(frozen=True)
class Policy:
    """All of `course.toml`. `counts` says which of a student's attempts does."""

    late: Late = field(default_factory=Late)
    counts: Literal["best", "last"] = "last"
    visibility: Visibility = field(default_factory=Visibility)
    assignments: Mapping[str, AssignmentRules] = field(default_factory=dict)
    extensions: tuple[Extension, ...] = ()
    roster: Roster | None = None
    timezone: ZoneInfo = UTC

    def dues(self, student: str, assignment: str) -> tuple[datetime, ...]:
        """The due dates that hold for a student: the assignment's own, and a later one for each extension."""
        due = self.assignments[assignment].due
        if due is None:
            return ()
        # As instants: two times of one zone are compared by the clock on the wall, which shows an hour twice in autumn.
        more = [e.due for e in self.extensions if (e.student, e.assignment) == (student, assignment)]
        return (due, *sorted((d for d in more if d.timestamp() > due.timestamp()), key=datetime.timestamp))
