"""An assignment as its `assignment.toml` describes it: problems, points, limits, policy.

Everything else about an assignment is found by convention: the folder is the package, `tests/test_<problem>.py`
are its tests, `staff/hidden_tests/<folder>/` the hidden ones. An unknown key, a wrong type or a missing key is a
`ConfigError` that names the file, the key and the nearest valid key.
"""

import difflib
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from grader.errors import ConfigError

PUBLIC_SEED = 336
"""The seed of runs at home; a graded run may use another."""

STAFF_OWNED = ("__init__.py", "README.md", "assignment.toml", "leaderboard.toml", "drivers.py", "drivers", "tests")
"""What in every assignment's folder belongs to staff. Drivers are a file or a package. `Assignment.staff_owned` may be more."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Times are wall-clock seconds, sizes MiB."""

    call_seconds: float = 20.0
    start_seconds: float = 60.0
    submission_seconds: float = 900.0
    memory_mb: int = 2048
    processes: int = 64
    tmp_mb: int = 256
    open_files: int = 512
    output_kb: int = 4096


@dataclass(frozen=True)
class Problem:
    """One row of the report. `adapters` are the names that its tests call, `write` the file a student writes.

    A `timed` problem has tests that measure time: in a batch they run one hand-in at a time, on a core of their own.
    """

    id: str
    title: str
    points: float
    write: str
    adapters: tuple[str, ...]
    builds_on: tuple[str, ...] = ()
    call_seconds: float | None = None
    bonus: bool = False
    timed: bool = False


@dataclass(frozen=True)
class Assignment:
    """The whole description. `root` is the course's root, the only import root."""

    name: str
    root: Path
    title: str
    needs: tuple[str, ...]
    preload: tuple[str, ...]
    limits: Limits
    policy: Mapping[str, Any] = field(repr=False)
    problems: Mapping[str, Problem] = field(repr=False)
    extras: tuple[str, ...] = ()
    """Optional dependencies in `pyproject.toml` that the assignment's tests and students' code need."""
    staff: tuple[str, ...] = ()
    """Packages and folders that staff give beside `STAFF_OWNED`. They import nothing of the student's: tests may use them."""
    devices: tuple[str, ...] = ()
    """Device files that a worker may use beside the usual ones: a leaderboard's GPU. No file says so; the machine does."""
    adoption: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The shape of a public course's repository that can be graded here; `grader.adopt.terms` reads it."""

    @property
    def staff_owned(self) -> tuple[str, ...]:
        """What in the assignment's folder belongs to staff; everything else there is the student's."""
        return STAFF_OWNED + self.staff

    @property
    def folder(self) -> Path:
        """The staff copy of the assignment's package."""
        return self.root / self.name

    @property
    def toml(self) -> Path:
        """The file all of this came from."""
        return self.folder / "assignment.toml"

    @property
    def hidden_tests(self) -> Path:
        """Tests that students never see; the folder may be absent."""
        return self.root / "staff" / "hidden_tests" / self.name

    @property
    def solution(self) -> Path:
        """The reference's student-owned files; absent in a released tree."""
        return self.root / "staff" / "solutions" / self.name

    @property
    def max_score(self) -> float:
        """Points for 100 %: those of all problems but the bonus ones."""
        return math.fsum(p.points for p in self.problems.values() if not p.bonus)

    def call_seconds(self, problem: str) -> float:
        """Deadline of one call made by a test of `problem`."""
        own = self.problems[problem].call_seconds
        return self.limits.call_seconds if own is None else own


def find_root(start: Path) -> Path:
    """The nearest folder at or above `start` that holds assignments."""
    for folder in (start, *start.parents):
        if any(folder.glob("*/assignment.toml")):
            return folder
    raise ConfigError(f"{start}: no course here or above; expected a folder with <assignment>/assignment.toml")


def problem_of(path: Path) -> str:
    """`test_rope.py` tests the problem `rope`."""
    return path.stem.removeprefix("test_")


def names(root: Path) -> list[str]:
    """The assignments under `root`, in alphabetical order."""
    return sorted(path.parent.name for path in root.glob("*/assignment.toml"))


def load(root: Path, name: str) -> Assignment:
    """Read `<root>/<name>/assignment.toml`.

    Raises:
        ConfigError: no such assignment, or the file is wrong; the message names the file, the key, what was expected.
    """
    name = name.rstrip("/")
    path = root / name / "assignment.toml"
    if "/" in name or not path.is_file():
        raise ConfigError(
            f"unknown assignment '{name}'{nearest(name, names(root))}; {root} has: {', '.join(names(root)) or 'none'}"
        )
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    top = TomlTable(path, "", table)
    top.only("title", "needs", "extras", "preload", "staff", "limits", "policy", "problems", "adoption")
    limits = top.table("limits")
    limits.only(*(f.name for f in fields(Limits)))
    return Assignment(
        name=name,
        root=root,
        title=top.text("title"),
        needs=top.texts("needs"),
        preload=top.texts("preload"),
        limits=Limits(
            **{key: limits.positive(key, whole=isinstance(getattr(Limits, key), int)) for key in limits.values}
        ),
        policy=top.table("policy").values,
        problems=_problems(top.table("problems")),
        extras=top.texts("extras"),
        staff=_staff(top),
        adoption=top.table("adoption").values,
    )


def _staff(top: "TomlTable") -> tuple[str, ...]:
    named = top.texts("staff")
    for name in named:
        if not name.isidentifier() or name in STAFF_OWNED or not (top.path.parent / name).is_dir():
            raise top.wrong("staff", f"names of folders beside it that are not staff's anyway; '{name}' is none")
    return named


def requested(assignments: Iterable[Assignment]) -> str:
    """The extras of `assignments` as pip wants them after a project's name: `[data,scaling]`, or nothing."""
    extras = sorted({extra for assignment in assignments for extra in assignment.extras})
    return f"[{','.join(extras)}]" if extras else ""


def nearest(name: str, valid: Iterable[str]) -> str:
    """` (did you mean '…'?)`, or nothing where no valid name is close."""
    close = difflib.get_close_matches(name, list(valid), n=1, cutoff=0.5)
    return f" (did you mean '{close[0]}'?)" if close else ""


def _problems(table: "TomlTable") -> dict[str, Problem]:
    problems = {}
    for key in table.values:
        if not key.isidentifier() or not key.islower():
            raise table.wrong(key, "a problem id in lower_case letters, digits and underscores")
        entry = table.table(key)
        entry.only(*(f.name for f in fields(Problem) if f.name != "id"))
        problems[key] = Problem(
            id=key,
            title=entry.text("title"),
            points=entry.positive("points"),
            write=entry.text("write"),
            adapters=entry.texts("adapters"),
            builds_on=entry.texts("builds_on"),
            call_seconds=entry.positive("call_seconds") if "call_seconds" in entry.values else None,
            bonus=entry.flag("bonus"),
            timed=entry.flag("timed"),
        )
    for problem in problems.values():
        for other in problem.builds_on:
            if other not in problems:
                raise ConfigError(
                    f"{table.path}: problems.{problem.id}.builds_on names '{other}', which is no problem{nearest(other, problems)}"
                )
    if not problems:
        raise ConfigError(f"{table.path}: no [problems.<id>] table; expected at least one")
    return problems


@dataclass(frozen=True)
class TomlTable:
    """A TOML table that knows its own name, so that every complaint about it is complete."""

    path: Path
    prefix: str
    values: Mapping[str, Any]

    def wrong(self, key: str, expected: str) -> ConfigError:
        return ConfigError(f"{self.path}: {self.prefix}{key} is {self.values.get(key)!r}; expected {expected}")

    def only(self, *valid: str) -> None:
        for key in self.values:
            if key not in valid:
                raise ConfigError(
                    f"{self.path}: unknown key '{self.prefix}{key}'{nearest(key, valid)}; valid: {', '.join(valid)}"
                )

    def table(self, key: str) -> "TomlTable":
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, "a table")
        return TomlTable(self.path, f"{self.prefix}{key}.", value)

    def text(self, key: str) -> str:
        value = self.values.get(key)
        if value is None:
            raise ConfigError(f"{self.path}: '{self.prefix}{key}' is missing; expected a text")
        if not isinstance(value, str) or not value:
            raise self.wrong(key, "a text that is not empty")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key, "a list of texts")
        return tuple(value)

    def positive(self, key: str, whole: bool = False) -> Any:
        value = self.values.get(key)
        if value is None:
            raise ConfigError(f"{self.path}: '{self.prefix}{key}' is missing; expected a number above 0")
        kinds = (int,) if whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not 0 < value < math.inf:
            raise self.wrong(key, "a whole number above 0" if whole else "a number above 0")
        return value

    def flag(self, key: str) -> bool:
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value
