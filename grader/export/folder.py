"""A graded folder, read back: the JSON of each hand-in, of which the keys that exports need are checked.

Keys that others added are passed over. What is checked is checked strictly: a truncated or foreign file, a number out
of range or a sum that does not add up is a clear error, never a grade.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn

from grader import record
from grader.errors import ConfigError
from grader.outcome import Verdict
from grader.record import RecordError

CLASS = "class.json"
SCHEMA = 1


@dataclass(frozen=True)
class Test:
    """One test of one hand-in."""

    __test__ = False  # pytest would take the name for a test class

    name: str
    hidden: bool
    verdict: Verdict
    message: str
    seconds: float


@dataclass(frozen=True)
class Problem:
    """One problem. `score` is None while our own error keeps it undecided."""

    id: str
    title: str
    score: float | None
    max_score: float
    bonus: bool
    verdict: Verdict
    tests: tuple[Test, ...]


@dataclass(frozen=True)
class Finding:
    """Something noticed about the hand-in's source, or while it ran."""

    kind: str
    problem: str | None
    file: str
    line: int
    rule: str
    message: str

    @property
    def place(self) -> str:
        """File and line, as far as they are known."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Handin:
    """One hand-in as it was graded. `score` sums what is decided, `pending` what is not."""

    assignment: str
    submission: str
    submission_sha256: str
    seed: int
    engine: str
    status: Literal["graded", "refused"]
    refusal: str
    score: float
    max_score: float
    provisional: bool
    pending: Mapping[str, float]
    problems: tuple[Problem, ...]
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...]
    seconds: float

    @property
    def decided(self) -> bool:
        """Whether there is anything to give points for yet."""
        return self.status == "refused" or any(problem.score is not None for problem in self.problems)


def read(directory: Path) -> list[Handin]:
    """The hand-ins of a graded folder, by name; all of one assignment.

    Raises:
        ConfigError: there is none, or they are of several assignments.
        RecordError: a file is not what the grader wrote, or one that `class.json` lists is missing.
    """
    paths = [path for path in sorted(directory.glob("*.json")) if path.name != CLASS and not path.name.startswith(".")]
    handins = [_handin(path) for path in paths]
    if not handins:
        raise ConfigError(f"{directory}: holds no reports; expected a folder that `grader grade --out` wrote")
    names = sorted({handin.assignment for handin in handins})
    if len(names) > 1:
        raise ConfigError(f"{directory}: holds reports of {', '.join(names)}; expected one assignment a folder")
    if (directory / CLASS).exists():
        _whole(directory / CLASS, {handin.submission for handin in handins})
    return handins


def _handin(path: Path) -> Handin:
    handin = of(_json(path), str(path))
    if handin.submission != path.stem:
        raise RecordError(f"{path}: is the report of {handin.submission!r}; expected {path.stem!r}")
    return handin


def of(data: object, path: str) -> Handin:
    """The hand-in whose report `data` is; `path` is what an error calls it.

    Raises:
        RecordError: it is none, or does not add up.
    """
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise RecordError(f"{path}: not a report of schema {SCHEMA}; expected what `grader grade --out` wrote")
    try:
        handin = record.read(Handin, _known(Handin, data), "report")
    except RecordError as error:
        raise RecordError(f"{path}: {error}") from None
    for problem in handin.problems:
        if problem.max_score < 0 or not 0 <= (problem.score or 0) <= problem.max_score:
            raise RecordError(
                f"{path}: {problem.id} scores {problem.score}; expected 0 to {problem.max_score:g}, or null"
            )
    decided = math.fsum(problem.score for problem in handin.problems if problem.score is not None)
    if not math.isclose(handin.score, decided, abs_tol=1e-6):
        raise RecordError(f"{path}: score is {handin.score:g}, its problems sum to {decided:g}; expected the same")
    if handin.provisional != any(problem.score is None for problem in handin.problems):
        raise RecordError(f"{path}: provisional is {handin.provisional}, which its problems contradict")
    return handin


def _known(kind: Any, data: Any) -> Any:
    """`data` without the keys that `kind` does not have, here and in the lists below."""
    if not is_dataclass(kind) or not isinstance(data, dict):
        return data
    inner: dict[str, Any] = {"problems": Problem, "findings": Finding, "tests": Test}
    kept = {field.name: data[field.name] for field in fields(kind) if field.name in data}
    for key in kept.keys() & inner.keys():
        if isinstance(kept[key], list):
            kept[key] = [_known(inner[key], entry) for entry in kept[key]]
    return kept


def _whole(path: Path, read: set[str]) -> None:
    data = _json(path)
    rows = data.get("handins") if isinstance(data, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RecordError(f"{path}: not the report of a class; expected what `grader grade --out` wrote")
    for row in rows:
        if row.get("submission") not in read:
            name = str(row.get("submission"))[:100]
            raise RecordError(f"{path}: lists {name!r}, whose report is not there; grade it again")


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
    except (OSError, ValueError, RecursionError) as error:
        raise RecordError(f"{path}: not valid JSON: {error}") from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
