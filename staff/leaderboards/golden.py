"""Golden entries of leaderboards: honest ones whose order is known, and cheats with the reason they are refused for.

One is a folder `staff/leaderboards/<assignment>/<honest|cheats>/<name>/` with an `expect.toml`::

    why = "it looks at the token that it is to predict"
    track = "bits_per_byte_cpu"
    submission = "wrong_…"            # optional: the code is that golden submission's; else the reference's
    train = ["--steps", "20"]         # optional: the run is what `<assignment>.leaderboard` makes when told this
    run = "honest_short"              # optional: … or that of this honest entry
    claim = 0.1                       # optional: what is claimed; nothing otherwise
    place = 1                         # honest: among the honest ones of the track
    reason = "the logits were others" # a cheat: a regular expression that the first reason fits

Files beside it lie over the code; those in `append/` are appended to the file of their name, those in `run/` lie over the run.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

from grader import golden, overlay
from grader.assignment import Assignment, TomlTable
from grader.errors import ConfigError
from grader.leaderboard.entry import Manifest
from grader.leaderboard.pack import pack
from grader.leaderboard.track import Track, find

KINDS = ("honest", "cheats")
EXPECT, APPEND, RUN, CODE = "expect.toml", "append", "run", "code"
KEYS = ("why", "track", "submission", "train", "run", "claim", "place", "reason")


@dataclass(frozen=True)
class GoldenEntry:
    """One golden entry. An honest one has a `place`, a cheat a `reason`."""

    folder: Path
    why: str
    track: str
    submission: str = ""
    train: tuple[str, ...] = ()
    run: str = ""
    claim: float | None = None
    place: int = 0
    reason: str = ""

    @property
    def name(self) -> str:
        """Its folder's name, which is also what it calls itself."""
        return self.folder.name


def load_all(course: Assignment) -> list[GoldenEntry]:
    """The golden entries of an assignment, the honest ones first.

    Raises:
        ConfigError: one of them is described wrongly.
    """
    home = course.root / "staff" / "leaderboards" / course.name
    return [load(place) for kind in KINDS for place in sorted((home / kind).glob("*/"))]


def load(place: Path) -> GoldenEntry:
    """Read the `expect.toml` in the folder `place`.

    Raises:
        ConfigError: it is missing or wrong; the message names the file and the key.
    """
    path = place / EXPECT
    try:
        table = TomlTable(path, "", tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as TOML: {error}") from None
    table.only(*KEYS)
    honest = place.parent.name == "honest"
    if ("place" in table.values) != honest or ("reason" in table.values) == honest:
        raise ConfigError(f"{path}: expected 'place' in an honest entry, 'reason' in a cheat")
    return GoldenEntry(
        folder=place,
        why=table.text("why"),
        track=table.text("track"),
        submission=table.text("submission") if "submission" in table.values else "",
        train=table.texts("train"),
        run=table.text("run") if "run" in table.values else "",
        claim=float(table.positive("claim")) if "claim" in table.values else None,
        place=table.positive("place", whole=True) if honest else 0,
        reason="" if honest else table.text("reason"),
    )


class Workshop:
    """Makes golden entries; runs are trained once and kept in `folder`."""

    def __init__(self, course: Assignment, folder: Path) -> None:
        self.course = course
        self.folder = folder
        self.known = {entry.name: entry for entry in load_all(course)}

    def packed(self, entry: GoldenEntry) -> tuple[Path, Track]:
        """The entry's zip, and its track. A cheat is packed as cheats are: nobody looks at it at home."""
        track = find(self.course.root, self.course.name, entry.track)
        target = self.folder / f"{entry.name}.zip"
        with tempfile.TemporaryDirectory() as scratch:
            run = Path(scratch, "run")
            trained = self._trained(self.known[entry.run] if entry.run else entry)
            if trained is None:
                run.mkdir()
            else:
                shutil.copytree(trained, run)
            self._code(entry, run / CODE)
            pack(self.course, track, run, Manifest(self.course.name, track.id, entry.name, entry.claim), target)
            if (entry.folder / RUN).is_dir():
                _rezipped(target, entry.folder / RUN)
        return target, track

    def _code(self, entry: GoldenEntry, target: Path) -> None:
        if entry.submission:
            base = {one.name: one for one in golden.load_all(self.course)}[entry.submission]
            golden.materialise(base, self.course, target)
        else:
            shutil.copytree(self.course.solution, target, ignore=shutil.ignore_patterns("__pycache__"))
        for path, source in overlay.files(entry.folder).items():
            if path.parts[0] == APPEND:
                place = target / Path(*path.parts[1:])
                if not place.is_file():
                    shutil.copyfile(self.course.folder / Path(*path.parts[1:]), place)
                place.write_text(
                    place.read_text(encoding="utf-8") + source.read_text(encoding="utf-8"), encoding="utf-8"
                )
            elif path.parts[0] not in (EXPECT, RUN):
                shutil.copyfile(source, target / path)

    def _trained(self, entry: GoldenEntry) -> Path | None:
        """The folder of a run as an entrant makes it; None where the entry has none."""
        if not entry.train:
            return None
        made = self.folder / f"run-{entry.name}"
        if not made.is_dir():
            tree = overlay.build(self.course, self.course.solution, self.folder / f"tree-{entry.name}")
            draft = made.with_suffix(".draft")
            command = [
                sys.executable,
                "-m",
                f"{self.course.name}.leaderboard",
                "--out",
                str(draft),
                "--name",
                entry.name,
            ]
            environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
            subprocess.run(
                [*command, "--track", entry.track, *entry.train],
                cwd=tree.root, env=environment, check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip
            draft.rename(made)
        return made


def _rezipped(target: Path, run: Path) -> None:
    """Replace members of the zip by the files of `run` that have their names."""
    with zipfile.ZipFile(target) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, (run / name).read_bytes() if (run / name).is_file() else content)
