"""Points that people give, beside the automatic ones: a CSV with the columns student, item, points."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from grader.assignment import nearest
from grader.course import sheet
from grader.course.policy import ManualItem
from grader.course.roster import Roster


def read(path: Path, items: Sequence[ManualItem], students: Roster | None) -> tuple[ManualItem, ...]:
    """`items` with the points that stand in the file.

    Raises:
        ConfigError: an item or a student that is not known, a number out of range, points given twice.
    """
    rows = sheet.read(path, ("student", "item", "points"), ("comment",))
    sheet.unique(rows, "the pair of student and item", lambda row: f"{row.cells['student']}, {row.cells['item']}")
    known = {item.id: item for item in items}
    given: dict[str, dict[str, float]] = {item.id: {} for item in items}
    for row in rows:
        student, name = row.text("student"), row.text("item")
        if name not in known:
            raise row.wrong("item", f"a manual item of this assignment{nearest(name, known)}: {', '.join(known)}")
        if students is not None and student not in students.students:
            raise row.wrong("student", f"an id of the roster{nearest(student, students.students)}")
        points = number(row.cells["points"])
        if points is None or not 0 <= points <= known[name].points:
            raise row.wrong("points", f"a number from 0 to {known[name].points:g}")
        given[name][student] = points
    return tuple(replace(item, given=given[item.id]) for item in items)


def number(text: str) -> float | None:
    """A plain decimal number; None for anything else, `nan`, `1_000` and `١` included."""
    if not text.isascii() or "_" in text:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
