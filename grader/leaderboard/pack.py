"""Makes an entry, a zip, of a run's folder and an assignment's code. What would be refused is refused here, at home.

The same files give the same zip, byte for byte.
"""

import json
import os
import tempfile
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

from grader import overlay
from grader.assignment import Assignment
from grader.errors import HandinError
from grader.intake import open_handin
from grader.leaderboard.entry import CODE, LOG, MANIFEST, Entry, Manifest, open_entry
from grader.leaderboard.track import Track
from grader.pack import PackedFile, entry_of_zip


@dataclass(frozen=True)
class PackedEntry:
    """A zip that was made, and what is in it."""

    path: Path
    files: tuple[PackedFile, ...]
    manifest: Manifest
    sha256: str
    notes: tuple[str, ...]


def pack(course: Assignment, track: Track, run: Path | None, manifest: Manifest, destination: Path) -> PackedEntry:
    """Zip `run` (None where the track needs no files) with the code that made it, to `destination`.

    The code is `run/code`, or else the assignment's own folder.

    Raises:
        HandinError: it would be refused.
    """
    with tempfile.TemporaryDirectory() as scratch:
        own = None if run is None else run / CODE
        source = own if own is not None and own.is_dir() else course.folder
        handin = open_handin(source, course.name, Path(scratch, "handin"))
        members = {
            f"{CODE}/{path}": file.read_bytes()
            for path, file in overlay.student_files(handin.folder, course.staff_owned).items()
        }
        members[MANIFEST] = (json.dumps(asdict(manifest), indent=1) + "\n").encode()
        for name in (*track.files, LOG):
            file = None if run is None else run / name
            if file is not None and file.is_file():
                members[name] = file.read_bytes()
            elif name != LOG:
                where = "no folder of a run was given" if file is None else f"{file} is not there"
                raise HandinError(f"{where}; expected the files of the run: {', '.join(track.files)}")
        draft = destination.with_name(f".{destination.name}.{os.getpid()}.zip")
        try:
            with zipfile.ZipFile(draft, "w") as archive:
                for name, content in sorted(members.items()):
                    archive.writestr(entry_of_zip(name), content)
            entry = opened(draft, course, track, Path(scratch, "entry"))
            draft.replace(destination)
        finally:
            draft.unlink(missing_ok=True)
    files = tuple(PackedFile(name, len(content)) for name, content in sorted(members.items()))
    return PackedEntry(destination, files, entry.manifest, entry.sha256, handin.notes)


def opened(source: Path, course: Assignment, track: Track, destination: Path) -> Entry:
    """The entry `source`, opened as a verifier opens it, its code laid over the course's.

    Raises:
        HandinError: it would be refused.
    """
    entry = open_entry(source, course, track, destination)
    overlay.build(course, entry.code, destination.with_name(f"{destination.name}-tree"))
    return entry
