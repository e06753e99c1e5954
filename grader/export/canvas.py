"""One column of a gradebook that Canvas exported, filled; no id, row or column is invented, no other byte changed.

The head is `Student,ID,SIS User ID,SIS Login ID,Section,<Assignment (12345)>,…`. Below it come a row of posting policies
(or `Muted`) if some column has one, the row `Points Possible`, the students, and the row of Canvas's own test student.

A hand-in belongs to the row in which its name, or its student's id or address on the roster, stands as ID, SIS User ID
or SIS Login ID, or whose ID stands where Canvas's own download of hand-ins writes it. What fits two rows, or two
hand-ins that fit one row, are left alone and said. What is filled in are scores of hand-ins, or final grades of students.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.assignment import nearest
from grader.course.manual import number
from grader.course.roster import Roster, spelled
from grader.errors import ConfigError
from grader.export import defuse
from grader.export.cells import Cell, CsvFile, read
from grader.export.final import Finals
from grader.export.folder import Handin

KEYS = ("ID", "SIS User ID", "SIS Login ID")
FIXED = ("Student", "ID")
TEST_STUDENT = "Student, Test"
COLUMN = re.compile(r".* \((\d+)\)", re.DOTALL)
DOWNLOAD = re.compile(r".*?_(\d+)_\d+_.+", re.DOTALL)
"""`nameofstudent[_LATE]_<ID>_<number>_file.zip`; Canvas lets no name hold `_<digits>_`, so the first is the ID."""


@dataclass(frozen=True)
class Entry:
    """One score to fill in. `keys` are what the row may call it; `undecided` says why there is no score yet."""

    name: str
    keys: tuple[str, ...]
    points: float
    max_points: float
    undecided: str = ""


@dataclass(frozen=True)
class Filled:
    """The new file, and what was not written: each hand-in or row with the reason."""

    content: bytes
    column: str
    written: dict[str, float]
    without_row: dict[str, str]
    left_alone: dict[str, str]
    rows_without_handin: tuple[str, ...]


@dataclass(frozen=True)
class _Row:
    student: str
    keys: tuple[str, ...]
    target: Cell


def scores(handins: Sequence[Handin], roster: Roster | None) -> list[Entry]:
    """The scores of hand-ins, each under its name or what the roster says of it."""
    entries = []
    for handin in handins:
        student = None if roster is None else roster.find(handin.submission)
        keys = (handin.submission, *((student.id, student.email) if student else ()))
        why = f"provisional: {', '.join(handin.pending)} pending, an error of the grader" if handin.provisional else ""
        entries.append(Entry(handin.submission, keys, handin.score, handin.max_score, why))
    return entries


def grades(finals: Finals, assignment: str, roster: Roster | None) -> list[Entry]:
    """What one assignment comes to for each student of whom an attempt counts; nobody else gets a 0 of ours."""
    entries = []
    for student, grade in finals.grades.items():
        known = None if roster is None else roster.students.get(student)
        keys = (student, *((known.email,) if known else ()))
        for part in grade.assignments:
            if part.assignment == assignment and part.submission:
                why = "provisional: something is pending or not entered yet" if part.provisional else ""
                entries.append(Entry(student, keys, part.points, part.max_points, why))
    return entries


def fill(path: Path, column: str, entries: Sequence[Entry]) -> Filled:
    """Fill `column`, given by its whole title or by the number in it.

    Raises:
        ConfigError: no such column, several of that name, other points possible than were graded, or not a gradebook.
    """
    book = read(path)
    at = _column(book, column)
    title = book.rows[0][at].text
    rows, possible = _students(book, at)
    for entry in entries:
        if possible is not None and entry.max_points != possible:
            raise ConfigError(
                f"{path}: '{title}' has {possible:g} points possible, but {defuse.line(entry.name)} was graded out of "
                f"{entry.max_points:g}; expected the same"
            )
    matches = {entry.name: _matches(entry, rows) for entry in entries}
    taken: dict[int, list[str]] = {}
    for name, found in matches.items():
        for index in found:
            taken.setdefault(index, []).append(name)
    cells: dict[Cell, str] = {}
    written: dict[str, float] = {}
    without: dict[str, str] = {}
    alone: dict[str, str] = {}
    for entry in entries:
        found = matches[entry.name]
        if len(found) != 1:
            without[entry.name] = "no row has its name" if not found else f"{len(found)} rows have its name"
            continue
        row = rows[found[0]]
        reason = _reason(entry, row, [name for name in taken[found[0]] if name != entry.name])
        if reason:
            alone[entry.name] = reason
        else:
            cells[row.target] = f"{round(entry.points, 4):.10g}"
            written[entry.name] = entry.points
    idle = tuple(row.student for at, row in enumerate(rows) if at not in taken and row.student != TEST_STUDENT)
    return Filled(book.replaced(cells), title, written, without, alone, idle)


def _reason(entry: Entry, row: _Row, others: Sequence[str]) -> str:
    """Why the row is left as it was; empty where it is not."""
    if others:
        return f"the row is also that of {', '.join(others)}"
    if row.student == TEST_STUDENT:
        return "the row is Canvas's test student"
    if entry.undecided:
        return entry.undecided
    if row.target.text.strip().upper() == "EX":
        return "the student is excused (EX)"
    return ""


def _column(book: CsvFile, wanted: str) -> int:
    if not book.rows or [cell.text for cell in book.rows[0][:2]] != list(FIXED):
        raise ConfigError(f"{book.path}: not a Canvas gradebook; expected a head that begins with {','.join(FIXED)}")
    titles = [cell.text for cell in book.rows[0]]
    numbers = {at: found.group(1) for at, title in enumerate(titles) if (found := COLUMN.fullmatch(title))}
    fits = [at for at, id_ in numbers.items() if wanted in (titles[at], id_)]
    if len(fits) != 1:
        there = [titles[at] for at in numbers]
        fact = f"{len(fits)} columns are" if fits else "no column of an assignment is"
        raise ConfigError(
            f"{book.path}: {fact} called '{wanted}'{nearest(wanted, there)}; there are: {', '.join(there) or 'none'}"
        )
    return fits[0]


def _students(book: CsvFile, at: int) -> tuple[list[_Row], float | None]:
    """The rows of students, and the points possible of the column where they are said."""
    head = [cell.text for cell in book.rows[0]]
    texts = [row[0].text.strip() for row in book.rows]
    first = texts.index("Points Possible") + 1 if "Points Possible" in texts else 1
    possible = None
    if first > 1 and at < len(book.rows[first - 1]):
        possible = number(book.rows[first - 1][at].text.strip())
    rows = []
    for place, row in enumerate(book.rows[first:], start=first + 1):
        if not any(cell.text.strip() for cell in row):
            continue
        if len(row) != len(head):
            raise ConfigError(f"{book.path}, row {place}: has {len(row)} cells; expected {len(head)}, as in the head")
        keys = tuple(row[head.index(key)].text.strip() for key in KEYS if key in head)
        if any(keys):
            rows.append(_Row(row[0].text.strip(), keys, row[at]))
    return rows, possible


def _matches(entry: Entry, rows: Sequence[_Row]) -> list[int]:
    names = {spelled(key) for key in entry.keys if key}
    found = [at for at, row in enumerate(rows) if any(key and spelled(key) in names for key in row.keys)]
    if not found and (download := DOWNLOAD.fullmatch(entry.name)):
        found = [at for at, row in enumerate(rows) if row.keys[0] == download.group(1)]
    return found
