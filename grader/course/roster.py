"""The students of a course, and whose hand-in a name says it is.

A hand-in's name is the student's to choose, so it is only ever compared with the names that staff gave: an id or an
e-mail address, as it is or as a report's name spells it. What fits two students fits none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.course import sheet
from grader.intake import report_names


@dataclass(frozen=True)
class Student:
    """One row of the roster."""

    id: str
    name: str = ""
    email: str = ""
    section: str = ""


@dataclass(frozen=True)
class Roster:
    """All students, by id, in the order of the file."""

    students: Mapping[str, Student]

    def find(self, name: str) -> Student | None:
        """The one student whose id or e-mail address `name` is, or None."""
        found = {
            student.id: student
            for student in self.students.values()
            if any(spelled(key) == spelled(name) for key in (student.id, student.email) if key)
        }
        return next(iter(found.values())) if len(found) == 1 else None


def read(path: Path) -> Roster:
    """The roster from a CSV with the columns id, name, email, section.

    Raises:
        ConfigError: the file is wrong, or two students have one id or one e-mail address.
    """
    rows = sheet.read(path, ("id", "name", "email", "section"))
    sheet.unique(rows, "id", lambda row: row.cells["id"])
    sheet.unique(rows, "email", lambda row: row.cells["email"])
    students = {}
    for row in rows:
        if row.cells["email"] and "@" not in row.cells["email"]:
            raise row.wrong("email", "an address with '@', or nothing")
        student = Student(row.text("id"), row.text("name"), row.cells["email"], row.cells["section"])
        students[student.id] = student
    return Roster(students)


def spelled(name: str) -> str:
    """`name` as the name of a report would spell it, in one case: what makes `ada@x.org` and `ada_x.org` one."""
    return report_names([Path(name.replace("/", "_"))])[0].casefold()
