"""Golden submissions: hand-ins whose grade is known, the real test-suite of the grader.

One is a folder `staff/submissions/<assignment>/<kind>_<what>/` with an `expect.toml` and, perhaps, files. The
hand-in is a base (the reference, or the untouched adapters alone), the edits of the TOML made to it, and the
files laid on top::

    why = "the rotation goes the wrong way"
    base = "reference"                      # or "stubs"

    [[edit]]
    file = "nn.py"
    find = "x1 * cos - x2 * sin"            # must be there exactly once, or `count` times
    replace = "x1 * cos + x2 * sin"

    [expect]
    lost = ["rope"]                         # exactly these problems score 0; all others score in full. ["*"]: all
    verdicts = { rope = "FAIL" }            # optional
    score = 60.0                            # optional
"""

import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from grader import overlay
from grader.assignment import Assignment, nearest
from grader.errors import ConfigError
from grader.outcome import Verdict

KINDS = ("correct", "partial", "wrong", "slow", "broken", "hostile")
BASES = ("reference", "stubs")
EXPECT = "expect.toml"
ADAPTERS = "adapters.py"
EVERYTHING = ["*"]


@dataclass(frozen=True)
class Edit:
    """Replace `find` by `replace` in `file`, where it stands exactly `count` times."""

    file: str
    find: str
    replace: str
    count: int


@dataclass(frozen=True)
class Golden:
    """One golden submission. `lost` are the problems that must score 0; every other must score in full."""

    name: str
    folder: Path
    why: str
    base: str
    edits: tuple[Edit, ...]
    lost: tuple[str, ...]
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    score: float | None = None

    @property
    def kind(self) -> str:
        """The first word of the name: what sort of hand-in it is."""
        return self.name.partition("_")[0]


def load_all(assignment: Assignment) -> list[Golden]:
    """The golden submissions of an assignment, in alphabetical order.

    Raises:
        ConfigError: one of them is described wrongly.
    """
    found = sorted(path for path in folder(assignment).glob("*") if path.is_dir())
    return [load(path, assignment) for path in found]


def folder(assignment: Assignment) -> Path:
    """Where the golden submissions of an assignment are."""
    return assignment.root / "staff" / "submissions" / assignment.name


def load(place: Path, assignment: Assignment) -> Golden:
    """Read the `expect.toml` in the folder `place`.

    Raises:
        ConfigError: it is missing or wrong; the message names the file, the key and the nearest valid one.
    """
    path = place / EXPECT
    kind = place.name.partition("_")[0]
    if kind not in KINDS or kind == place.name:
        raise ConfigError(f"{place}: expected a name <kind>_<what>, the kind one of {', '.join(KINDS)}")
    if not path.is_file():
        raise ConfigError(f"{path}: not there; expected it in every golden submission")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    _only(path, "", table, "why", "base", "edit", "expect")
    expect = _typed(path, "", table, "expect", dict)
    _only(path, "expect.", expect, "lost", "verdicts", "score")
    base = _typed(path, "", table, "base", str)
    if base not in BASES:
        raise ConfigError(f"{path}: base is {base!r}{nearest(base, BASES)}; expected one of {', '.join(BASES)}")
    lost = _typed(path, "expect.", expect, "lost", list)
    if lost == EVERYTHING:
        lost = list(assignment.problems)
    verdicts = _typed(path, "expect.", expect, "verdicts", dict, {})
    for problem in (*lost, *verdicts):
        _known(path, "problem", problem, assignment.problems)
    for verdict in verdicts.values():
        _known(path, "verdict", verdict, Verdict.__members__)
    return Golden(
        name=place.name,
        folder=place,
        why=_typed(path, "", table, "why", str),
        base=base,
        edits=tuple(_edit(path, entry, assignment) for entry in _typed(path, "", table, "edit", list, [])),
        lost=tuple(lost),
        verdicts={problem: Verdict[verdict] for problem, verdict in verdicts.items()},
        score=float(_typed(path, "expect.", expect, "score", (int, float))) if "score" in expect else None,
    )


def materialise(golden: Golden, assignment: Assignment, destination: Path) -> Path:
    """Make the hand-in of `golden` in the new folder `destination`, and return it.

    Raises:
        ConfigError: a text to replace is not there as often as it should be; the message says how often.
    """
    base = {PurePosixPath(ADAPTERS): assignment.folder / ADAPTERS}
    if golden.base == "reference":
        base |= overlay.student_files(assignment.solution, assignment.staff_owned)
    for path, source in base.items():
        _place(source, destination / path)
    for edit in golden.edits:
        target = destination / edit.file
        if not target.is_file() and (assignment.folder / edit.file).is_file():
            _place(assignment.folder / edit.file, target)  # an edit of a stub
        _apply(edit, target, golden)
    for path, source in overlay.files(golden.folder).items():
        if path != PurePosixPath(EXPECT):
            _place(source, destination / path)
    return destination


def _apply(edit: Edit, target: Path, golden: Golden) -> None:
    where = f"{golden.folder / EXPECT}: {edit.file}"
    if not target.is_file():
        raise ConfigError(f"{where} is neither in the {golden.base} nor a stub; expected a file to edit")
    text = target.read_text(encoding="utf-8")
    times = text.count(edit.find)
    if times != edit.count:
        first = edit.find.strip().splitlines()[0] if edit.find.strip() else edit.find
        raise ConfigError(f"{where} holds {first!r} {times} times; expected {edit.count}")
    target.write_text(text.replace(edit.find, edit.replace), encoding="utf-8")


def _place(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _edit(path: Path, entry: Any, assignment: Assignment) -> Edit:
    if not isinstance(entry, dict):
        raise ConfigError(f"{path}: edit is a list of {type(entry).__name__}; expected [[edit]] tables")
    _only(path, "edit.", entry, "file", "find", "replace", "count")
    edit = Edit(
        file=_typed(path, "edit.", entry, "file", str),
        find=_typed(path, "edit.", entry, "find", str),
        replace=_typed(path, "edit.", entry, "replace", str),
        count=_typed(path, "edit.", entry, "count", int, 1),
    )
    inside = PurePosixPath(edit.file)
    outside = not inside.parts or inside.is_absolute() or ".." in inside.parts
    if outside or overlay.is_staff_owned(inside, assignment.staff_owned):
        raise ConfigError(f"{path}: edit.file is {edit.file!r}; expected a student-owned file")
    if not edit.find or edit.count < 1:
        raise ConfigError(f"{path}: edit of {edit.file} finds nothing; expected a text, and a count above 0")
    return edit


def _only(path: Path, prefix: str, table: Mapping[str, Any], *valid: str) -> None:
    for key in table:
        if key not in valid:
            hint = nearest(key, valid)
            raise ConfigError(f"{path}: unknown key '{prefix}{key}'{hint}; valid: {', '.join(valid)}")


def _typed(
    path: Path,
    prefix: str,
    table: Mapping[str, Any],
    key: str,
    kind: type | tuple[type, ...],
    default: Any = None,
) -> Any:
    value = table.get(key, default)
    if value is None:
        raise ConfigError(f"{path}: '{prefix}{key}' is missing")
    if not isinstance(value, kind) or isinstance(value, bool):
        names = " or ".join(k.__name__ for k in (kind if isinstance(kind, tuple) else (kind,)))
        raise ConfigError(f"{path}: {prefix}{key} is {value!r}; expected {names}")
    return value


def _known(path: Path, what: str, name: object, valid: Mapping[str, Any]) -> None:
    if not isinstance(name, str) or name not in valid:
        hint = nearest(str(name), valid)
        raise ConfigError(f"{path}: there is no {what} {name!r}{hint}; expected one of {', '.join(valid)}")
