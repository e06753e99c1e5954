"""The tracks of an assignment's leaderboard, as its `leaderboard.toml` describes them.

::

    [tracks.bits_per_byte_cpu]
    title = "Bits per byte, ten minutes on two cores"
    metric = "bits per byte of hidden text"
    unit = "bit/byte"
    direction = "lower"             # is better; or "higher"
    device = "cpu"                  # or "gpu": what an entrant may use …
    verified_on = "cpu"             # or "gpu": what verifying needs; "cpu" where it is left out
    budget_seconds = 600            # … for so long, with so many cores
    cores = 2
    noise = 0.01                    # entries this close to the best of their group tie
    floor = 0.3                     # a score beyond it is impossible …
    floor_reason = "…"              # … and why
    claim_within = 0.1              # how much worse than claimed a score may be measured
    verifier = "bits_per_byte"      # staff/leaderboards/<assignment>/bits_per_byte.py
    files = ["model.safetensors"]   # of the run, beside the code
    entry_mb = 64
    [tracks.bits_per_byte_cpu.limits]    # as in assignment.toml
    call_seconds = 60
    [tracks.bits_per_byte_cpu.settings]  # numbers that the verifier reads
    windows = 64
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path, PurePosixPath

from grader.assignment import Limits, TomlTable, nearest
from grader.errors import ConfigError

NAME = "leaderboard.toml"


class Direction(StrEnum):
    """Which scores are better."""

    LOWER = "lower"
    HIGHER = "higher"


class Device(StrEnum):
    """What an entrant may use, and what verifying an entry needs."""

    CPU = "cpu"
    GPU = "gpu"


@dataclass(frozen=True)
class Track:
    """One leaderboard. `noise`, `floor` and `claim_within` are in the unit of the score."""

    assignment: str
    id: str
    title: str
    metric: str
    unit: str
    direction: Direction
    device: Device
    budget_seconds: float
    cores: int
    noise: float
    claim_within: float
    verifier: str
    floor: float | None = None
    floor_reason: str = ""
    files: tuple[str, ...] = ()
    entry_mb: int = 16
    verified_on: Device = Device.CPU
    limits: Limits = field(default_factory=Limits)
    settings: Mapping[str, float] = field(default_factory=dict)

    def better(self, score: float, other: float) -> bool:
        """Whether `score` is better than `other`, by however little."""
        return score < other if self.direction is Direction.LOWER else score > other

    def gap(self, score: float, best: float) -> float:
        """How much worse `score` is than `best`; below 0 where it is better."""
        return score - best if self.direction is Direction.LOWER else best - score

    def impossible(self, score: float) -> bool:
        """Whether the score is beyond the floor."""
        return not math.isfinite(score) or (self.floor is not None and self.better(score, self.floor))


def load(root: Path, assignment: str) -> Mapping[str, Track]:
    """The tracks of an assignment, in the order of its file; none where it has no leaderboard.

    Raises:
        ConfigError: the file is wrong; the message names the file, the key and what was expected.
    """
    path = root / assignment / NAME
    if not path.is_file():
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    top = TomlTable(path, "", values)
    top.only("tracks")
    table = top.table("tracks")
    if not table.values:
        raise ConfigError(f"{path}: no [tracks.<id>] table; expected at least one")
    return {key: _track(assignment, key, table) for key in table.values}


def find(root: Path, assignment: str, track: str) -> Track:
    """The track of that id.

    Raises:
        ConfigError: the assignment has no such track, or no leaderboard.
    """
    known = load(root, assignment)
    if not known:
        raise ConfigError(f"{assignment} has no leaderboard; expected a file {assignment}/{NAME}")
    if track not in known:
        raise ConfigError(f"{assignment} has no track '{track}'{nearest(track, known)}; it has: {', '.join(known)}")
    return known[track]


def _track(assignment: str, key: str, table: TomlTable) -> Track:
    if not key.isidentifier() or not key.islower():
        raise table.wrong(key, "a track's id in lower_case letters, digits and underscores")
    entry = table.table(key)
    entry.only(*(f.name for f in fields(Track) if f.name not in ("assignment", "id")))
    limits = entry.table("limits")
    limits.only(*(f.name for f in fields(Limits)))
    floor = _number(entry, "floor") if "floor" in entry.values else None
    if (floor is None) == ("floor_reason" in entry.values):
        raise ConfigError(
            f"{entry.path}: '{entry.prefix}floor' and '{entry.prefix}floor_reason': expected both or neither"
        )
    verifier = entry.text("verifier")
    if not verifier.isidentifier():
        raise entry.wrong("verifier", f"the name of a Python file in staff/leaderboards/{assignment}/, without .py")
    return Track(
        assignment=assignment,
        id=key,
        title=entry.text("title"),
        metric=entry.text("metric"),
        unit=entry.text("unit"),
        direction=Direction(_choice(entry, "direction", Direction)),
        device=Device(_choice(entry, "device", Device)),
        budget_seconds=float(entry.positive("budget_seconds")),
        cores=entry.positive("cores", whole=True),
        noise=float(entry.positive("noise")),
        claim_within=float(entry.positive("claim_within")),
        verifier=verifier,
        floor=floor,
        floor_reason=entry.text("floor_reason") if floor is not None else "",
        files=_files(entry),
        entry_mb=entry.positive("entry_mb", whole=True),
        verified_on=Device(_choice(entry, "verified_on", Device)) if "verified_on" in entry.values else Device.CPU,
        limits=Limits(**{k: limits.positive(k, whole=isinstance(getattr(Limits, k), int)) for k in limits.values}),
        settings=_settings(entry.table("settings")),
    )


def _choice(table: TomlTable, key: str, kind: type[StrEnum]) -> str:
    value = table.text(key)
    valid = [member.value for member in kind]
    if value not in valid:
        raise table.wrong(key, f"one of {', '.join(valid)}")
    return value


def _number(table: TomlTable, key: str) -> float:
    value = table.values.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise table.wrong(key, "a number")
    return float(value)


def _files(table: TomlTable) -> tuple[str, ...]:
    names = table.texts("files")
    for name in names:
        if name != PurePosixPath(name).name or name.startswith(".") or name in ("code", "submission.json"):
            raise table.wrong("files", f"names of files without folders; '{name}' is none")
    return names


def _settings(table: TomlTable) -> Mapping[str, float]:
    return {key: _number(table, key) for key in table.values}
