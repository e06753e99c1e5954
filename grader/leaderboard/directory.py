"""A leaderboard in a folder: for a course, or a reading group, without a server.

::

    DIR/seed                          the secret that hidden data is drawn from; made once, for the one who verifies
    DIR/queue/<id>.zip                entries that wait, in the order of their names
    DIR/entries/<id>.zip              entries that were verified or refused
    DIR/verdicts/<id>.json            what they came to
    DIR/board.html                    the page

An id is the moment of arrival and a part of the entry's hash, so the same bytes are in a board once. Every file appears whole or
not at all, and an entry leaves the queue last; so whoever is stopped begins again where they were.
"""

import contextlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from grader import assignment as assignments
from grader import scratch
from grader.errors import ConfigError, GraderError
from grader.intake import CAPS, open_any
from grader.leaderboard import gpu
from grader.leaderboard.entry import MANIFEST, Manifest, open_entry, read_manifest
from grader.leaderboard.ranking import Ranked, rank
from grader.leaderboard.track import Track, find
from grader.leaderboard.verdict import Verdict, from_json, to_json
from grader.report import files

MOMENT = "%Y%m%dT%H%M%S%fZ"
MOST_SEED = 2**53
MANIFEST_ONLY = replace(CAPS, scanned_bytes=2**31)
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL


@dataclass(frozen=True)
class Row:
    """One entry of a board. `place` is None where it waits, was refused, or has a better one of the same name."""

    id: str
    at: datetime
    manifest: Manifest
    verdict: Verdict | None = None
    place: Ranked[str] | None = None


class Board:
    """The leaderboards in one folder, of one course. The folder is made with the first entry."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.folder = folder
        self.root = root

    def submit(self, packed: Path, track: Track) -> tuple[str, bool]:
        """Queue an entry; its id, and whether it is new. The same bytes again are the entry that is there.

        Raises:
            HandinError: it is no entry of the track.
        """
        with scratch.folder() as place:
            entry = open_entry(packed, assignments.load(self.root, track.assignment), track, place / "entry")
        digest = entry.sha256[:12]
        for known in self._ids():
            if known.endswith(digest):
                return known, False
        name = f"{datetime.now(UTC).strftime(MOMENT)}-{digest}"
        queue = self._made("queue")
        draft = queue / f".{name}.tmp"
        shutil.copyfile(packed, draft)
        draft.replace(queue / f"{name}.zip")
        return name, True

    def verify_all(
        self, engine: str | None = None, seen: Callable[[str, Verdict], None] = lambda name, verdict: None
    ) -> int:
        """Verify what waits, the first first, and leave what needs a GPU where there is none; how many were verified.

        Raises:
            GraderError: ours; the entry at hand and those after it still wait.
        """
        count = 0
        for name in sorted(path.stem for path in (self.folder / "queue").glob("*.zip")):
            waiting = self.folder / "queue" / f"{name}.zip"
            manifest = self._manifest(waiting)
            track = find(self.root, manifest.assignment, manifest.track)
            if not gpu.can_verify(track):
                continue
            from grader.leaderboard.verification import verify  # with torch, which listing and sending do without

            verdict = verify(self.root, manifest.assignment, track, waiting, self.seed(), engine)
            files.replace(self.folder / "verdicts" / f"{name}.json", to_json(verdict))
            waiting.replace(self._made("entries") / waiting.name)
            count += 1
            seen(name, verdict)
        return count

    def beyond_this_machine(self) -> list[Row]:
        """What waits for a machine with a GPU, and this one has none; the first first."""
        waiting = [row for row in self._rows() if row.verdict is None]
        return [r for r in waiting if not gpu.can_verify(find(self.root, r.manifest.assignment, r.manifest.track))]

    def tracks(self) -> list[Track]:
        """The tracks of the course that anybody entered for."""
        named = {(row.manifest.assignment, row.manifest.track) for row in self._rows()}
        return [find(self.root, *pair) for pair in sorted(named)]

    def rows(self, track: Track) -> list[Row]:
        """All entries of a track: those with a place by their place, then the others, the newest first."""
        mine = [r for r in self._rows() if (r.manifest.assignment, r.manifest.track) == (track.assignment, track.id)]
        best: dict[str, Row] = {}
        for row in mine:
            if row.verdict is not None and row.verdict.score is not None:
                other = best.get(row.manifest.name)
                if other is None or track.better(row.verdict.score, score_of(other)):
                    best[row.manifest.name] = row
        by_id = {row.id: row for row in mine}
        placed = rank(track, [(row.id, score_of(row), row.at) for row in best.values()])
        first = [
            Row(one.key, by_id[one.key].at, by_id[one.key].manifest, by_id[one.key].verdict, one) for one in placed
        ]
        taken = {one.key for one in placed}
        return first + sorted((row for row in mine if row.id not in taken), key=lambda row: row.at, reverse=True)

    def find(self, name: str) -> Row:
        """The entry of that id.

        Raises:
            ConfigError: there is none.
        """
        for row in self._rows():
            if row.id == name:
                return row
        raise ConfigError(f"{self.folder} has no entry {name}")

    def seed(self) -> int:
        """The secret that all entries are verified with; only its owner may read the file."""
        path = self._made("") / "seed"
        with contextlib.suppress(FileExistsError), open(os.open(path, NEW, 0o600), "w", encoding="ascii") as file:
            file.write(f"{secrets.randbelow(MOST_SEED)}\n")
        try:
            return int(path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            raise ConfigError(f"{path} holds no whole number; expected the seed of this board") from None

    def _made(self, name: str) -> Path:
        path = self.folder / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def _ids(self) -> list[str]:
        return [path.stem for part in ("queue", "entries") for path in (self.folder / part).glob("*.zip")]

    def _manifest(self, packed: Path) -> Manifest:
        """What an entry that was taken says of itself; it was looked at when it came."""
        with scratch.folder() as place:
            unpacked = open_any(packed, place / "entry", MANIFEST_ONLY, keep=lambda m: m.name.endswith(MANIFEST))
            own = min((path for path in unpacked.files if path.name == MANIFEST), key=lambda path: len(path.parts))
            return read_manifest(place / "entry" / own, packed.name)

    def _rows(self) -> Iterator[Row]:
        for name in sorted(set(self._ids())):
            kept = self.folder / "verdicts" / f"{name}.json"
            verdict = from_json(kept.read_text(encoding="utf-8"), str(kept)) if kept.is_file() else None
            packed = next(p for part in ("entries", "queue") if (p := self.folder / part / f"{name}.zip").is_file())
            try:
                at = datetime.strptime(name.partition("-")[0], MOMENT).replace(tzinfo=UTC)
            except ValueError:
                raise GraderError(f"{packed} was not put there by the grader; expected only what it queued") from None
            yield Row(name, at, self._manifest(packed), verdict)


def score_of(row: Row) -> float:
    """The score of an entry that has one."""
    if row.verdict is None or row.verdict.score is None:
        raise ValueError(f"{row.id} has no score")
    return row.verdict.score
