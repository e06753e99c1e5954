"""A class as a plain CSV: one row a hand-in, one column a problem. An undecided score is an empty cell and a note.

Every text is quoted and no cell begins like a formula; numbers are bare. UTF-8, ended by LF.
"""

import csv
import io
from collections.abc import Mapping, Sequence

from grader.course.grade import Grade
from grader.export import defuse
from grader.export.folder import Handin, Problem

Value = str | float | None


def of_class(handins: Sequence[Handin]) -> str:
    """All hand-ins of one assignment, for staff."""
    problems = list(dict.fromkeys(problem.id for handin in handins for problem in handin.problems))
    head = ["submission", "status", "score", "max_score", "note", *problems]
    return _written(head, [_row(handin, problems) for handin in handins])


def of_grades(grades: Mapping[str, Grade], names: Mapping[str, str]) -> str:
    """Final grades: one row a student, the explanation in the last column. `names` is by student's id."""
    parts = list(dict.fromkeys(part.assignment for grade in grades.values() for part in grade.assignments))
    head = ["student", "name", "points", "max_points", "late_days_used", "note", *parts, "explanation"]
    rows: list[list[Value]] = []
    for student, grade in grades.items():
        points = {part.assignment: None if part.provisional else part.points for part in grade.assignments}
        lines = [f"{part.assignment}: {line}" for part in grade.assignments for line in part.lines] + list(grade.lines)
        row: list[Value] = [student, names.get(student, ""), None if grade.provisional else grade.points]
        row += [grade.max_points, float(grade.late_days_used)]
        row += [f"provisional: {grade.points:g} points so far" if grade.provisional else ""]
        rows.append([*row, *(points.get(part) for part in parts), " | ".join(lines)])
    return _written(head, rows)


def _row(handin: Handin, problems: Sequence[str]) -> list[Value]:
    by_id = {problem.id: problem for problem in handin.problems}
    score = None if handin.provisional else handin.score
    scores = [_score(by_id.get(name)) for name in problems]
    return [handin.submission, handin.status, score, handin.max_score, _note(handin), *scores]


def _score(problem: Problem | None) -> Value:
    return None if problem is None else problem.score


def _note(handin: Handin) -> str:
    if handin.status == "refused":
        return f"refused: {handin.refusal}"
    if handin.provisional:
        pending = sum(handin.pending.values())
        return (
            f"provisional: {handin.score:g} points decided, {pending:g} pending by an error of the grader "
            f"({', '.join(handin.pending)})"
        )
    return ""


def _written(head: Sequence[str], rows: Sequence[Sequence[Value]]) -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow([defuse.cell(title) for title in head])
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return file.getvalue()


def _cell(value: Value) -> str | float | int:
    if value is None:
        return ""
    if isinstance(value, str):
        return defuse.cell(value, 20_000)
    value = round(value, 4)
    return int(value) if value == int(value) else value
