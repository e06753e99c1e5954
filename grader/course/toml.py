"""`course.toml`, at the root of a course, read into a `Policy`. The file and everything in it are optional.

::

    timezone = "America/Los_Angeles"       # of the dates below that name no offset
    roster = "staff/course/roster.csv"     # id, name, email, section

    [late]
    unit = "day"                           # or "hour"
    penalty_percent = 10                   # of the automatic points, for each unit begun that no late day covers
    days = 5                               # late days a student has for the whole course
    days_per_assignment = 2
    grace_minutes = 15
    cutoff_days = 7                        # later than this is not accepted

    [attempts]
    counts = "best"                        # or "last"

    [visibility]
    hidden_tests = "hint"                  # what students see of them: name and hint, or "nothing"
    [visibility.hints.assignment1_basics.rope]
    test_positions_may_start_anywhere = "Positions need not start at 0."

    [assignments.assignment1_basics]
    due = 2026-10-02T12:00:00
    manual_points = "staff/course/manual1.csv"   # student, item, points
    [assignments.assignment1_basics.manual.report]
    title = "Written report"
    points = 10

    [[extensions]]
    student = "s1042"
    assignment = "assignment1_basics"
    days = 3                               # or until = 2026-10-09T12:00:00
    reason = "for staff only"
"""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from grader import assignment as assignments
from grader.assignment import Assignment, nearest
from grader.course import manual, roster
from grader.course.policy import AssignmentRules, Extension, Late, ManualItem, Policy, Visibility
from grader.course.table import Table
from grader.errors import ConfigError

NAME = "course.toml"
YEARS = (1990, 2200)
MOST_DAYS = 1000


def load(root: Path) -> Policy:
    """The policy of the course at `root`; without a `course.toml`, one in which nothing is ever late.

    Raises:
        ConfigError: the file, or one it names, is wrong; the message names the file and the key or the line.
    """
    path = root / NAME
    courses = {name: assignments.load(root, name) for name in assignments.names(root)}
    if not path.exists():
        return Policy(assignments={name: AssignmentRules(name, a.max_score) for name, a in courses.items()})
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    top = Table(path, "", values)
    top.only("timezone", "roster", "late", "attempts", "visibility", "assignments", "extensions")
    zone = _zone(top)
    students = roster.read(_file(top, "roster")) if "roster" in values else None
    attempts = top.table("attempts")
    attempts.only("counts")
    rules = _assignments(top.table("assignments"), courses, zone, students)
    return Policy(
        late=_late(top.table("late")),
        counts=attempts.choice("counts", ("best", "last"), "last"),
        visibility=_visibility(top.table("visibility"), courses),
        assignments=rules,
        extensions=_extensions(top, rules, zone, students),
        roster=students,
        timezone=zone,
    )


def _late(table: Table) -> Late:
    table.only("unit", "penalty_percent", "days", "days_per_assignment", "grace_minutes", "cutoff_days")
    return Late(
        unit=table.choice("unit", ("day", "hour"), "day"),
        penalty_percent=table.number("penalty_percent", 0.0, most=100),
        days=table.whole("days", 0, most=MOST_DAYS),
        days_per_assignment=table.whole("days_per_assignment", None, most=MOST_DAYS),
        grace_minutes=table.number("grace_minutes", 0.0, most=MOST_DAYS * 24 * 60),
        cutoff_days=table.number("cutoff_days", None, most=MOST_DAYS),
    )


def _visibility(table: Table, courses: dict[str, Assignment]) -> Visibility:
    table.only("hidden_tests", "hints")
    hints = table.table("hints")
    hints.only(*courses)
    found: dict[str, dict[str, dict[str, str]]] = {}
    for name in hints.values:
        problems = hints.table(name)
        problems.only(*courses[name].problems)
        tests = {problem: problems.table(problem) for problem in problems.values}
        found[name] = {problem: {test: t.text(test) for test in t.values} for problem, t in tests.items()}
    return Visibility(table.choice("hidden_tests", ("hint", "nothing"), "hint"), found)


def _assignments(
    table: Table, courses: dict[str, Assignment], zone: ZoneInfo, students: roster.Roster | None
) -> dict[str, AssignmentRules]:
    table.only(*courses)
    found = {}
    for name, course in courses.items():
        entry = table.table(name)
        entry.only("due", "manual", "manual_points")
        items = _items(entry.table("manual"))
        if "manual_points" in entry.values:
            items = manual.read(_file(entry, "manual_points"), items, students)
        due = _moment(entry, "due", zone) if "due" in entry.values else None
        found[name] = AssignmentRules(name, course.max_score, due, items)
    return found


def _items(table: Table) -> tuple[ManualItem, ...]:
    items = []
    for key in table.values:
        entry = table.table(key)
        entry.only("title", "points")
        items.append(ManualItem(key, entry.text("title"), float(entry.positive("points"))))
    return tuple(items)


def _extensions(
    top: Table, rules: dict[str, AssignmentRules], zone: ZoneInfo, students: roster.Roster | None
) -> tuple[Extension, ...]:
    found = []
    for entry in top.tables("extensions"):
        entry.only("student", "assignment", "days", "until", "reason")
        student, name = entry.text("student"), entry.text("assignment")
        if students is not None and student not in students.students:
            raise entry.wrong("student", f"an id of the roster{nearest(student, students.students)}")
        if name not in rules:
            raise entry.wrong("assignment", f"an assignment of this course{nearest(name, rules)}")
        base = rules[name].due
        if base is None:
            raise entry.wrong("assignment", f"an assignment with a due date; give assignments.{name}.due first")
        if ("days" in entry.values) == ("until" in entry.values):
            raise ConfigError(f"{entry.path}: '{entry.prefix}days' and '{entry.prefix}until': expected one of the two")
        # On the clock of the wall: noon stays noon when summer time ends in between.
        days = timedelta(days=entry.number("days", 0.0, most=MOST_DAYS))
        until = _moment(entry, "until", zone) if "until" in entry.values else base + days
        reason = entry.text("reason") if "reason" in entry.values else ""
        found.append(Extension(student, name, until, reason))
    return tuple(found)


def _moment(table: Table, key: str, zone: ZoneInfo) -> datetime:
    value = table.values[key]
    if not isinstance(value, datetime) or not YEARS[0] <= value.year <= YEARS[1]:
        raise table.wrong(key, "a date with time, as in 2026-10-02T12:00:00 or 2026-10-02T12:00:00-07:00")
    if value.tzinfo is None:
        return value.replace(tzinfo=zone)
    return value.astimezone(UTC).astimezone(zone)


def _zone(top: Table) -> ZoneInfo:
    name = top.text("timezone") if "timezone" in top.values else "UTC"
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise top.wrong("timezone", "a name of the IANA time zone database, as in 'America/Los_Angeles'") from None


def _file(table: Table, key: str) -> Path:
    return table.path.parent / table.text(key)
