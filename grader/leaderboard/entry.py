"""An entry as it was sent, opened: who, for which track, what they claim, code, and the files of the run.

::

    submission.json      {"assignment": …, "track": …, "name": …, "claim": … or null, "description": …}
    code/                as a hand-in: the student-owned files of the assignment
    model.safetensors …  the files that the track asks for, and `log.jsonl` where there is one

Nothing of it is run here, and of the files only a header is read: what they hold is for the sandbox.
"""

import json
import math
import struct
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from grader import overlay
from grader.assignment import Assignment, nearest
from grader.errors import HandinError
from grader.intake import CAPS, Caps, IntakeError, open_any
from grader.leaderboard.track import Track

MANIFEST, CODE, LOG = "submission.json", "code", "log.jsonl"
KEYS = ("assignment", "track", "name", "claim", "description")
LONGEST_NAME, LONGEST_DESCRIPTION = 40, 500
MOST_MANIFEST = 16_384
MB = 1024 * 1024
LENGTH = struct.Struct("<Q")
MOST_HEADER = 8 * MB


@dataclass(frozen=True)
class Manifest:
    """What `submission.json` says."""

    assignment: str
    track: str
    name: str
    claim: float | None = None
    description: str = ""


@dataclass(frozen=True)
class Entry:
    """An opened entry. `code` is laid over the assignment's folder; `files` lie in its folder `run`."""

    folder: Path
    manifest: Manifest
    sha256: str
    files: Mapping[str, Path]

    @property
    def code(self) -> Path:
        """The folder that is laid over the assignment's."""
        return self.folder / CODE


def caps(track: Track) -> Caps:
    """What an entry of the track may be."""
    size = track.entry_mb * MB
    return replace(CAPS, file_bytes=size, total_bytes=size, scanned_bytes=2 * size + CAPS.scanned_bytes)


def open_entry(source: Path, course: Assignment, track: Track, destination: Path) -> Entry:
    """Open the folder or zip `source` into `destination`, which must be empty.

    Raises:
        HandinError: it is no entry of this track; one line says what, where and what was expected.
    """
    unpacked = open_any(source, destination, caps(track))
    place, folder = source.name, destination
    if not (folder / MANIFEST).is_file():
        tops = {path.parts[0] for path in unpacked.files}
        if len(tops) != 1 or not (folder / (top := tops.pop()) / MANIFEST).is_file():
            raise IntakeError(f"{place} holds no {MANIFEST}; expected what `grader leaderboard submit` makes")
        folder /= top
    manifest = read_manifest(folder / MANIFEST, place)
    check_manifest(manifest, track, place)
    code = folder / CODE
    if not code.is_dir():
        raise IntakeError(f"{place} holds no folder {CODE}/; expected the student-owned files of {course.name} in it")
    files = {name: folder / name for name in track.files}
    for name, path in files.items():
        if not path.is_file():
            raise IntakeError(f"{place} holds no {name}; expected: {', '.join(track.files)}")
        if path.suffix == ".safetensors":
            check_safetensors(path, place)
    if (folder / LOG).is_file():
        files[LOG] = folder / LOG
    return Entry(folder, manifest, overlay.submission_sha256(folder, ()), files)


def read_manifest(path: Path, place: str) -> Manifest:
    """What `submission.json` says; `place` is how a message calls the entry.

    Raises:
        HandinError: it is no JSON object of the known keys.
    """
    try:
        if path.stat().st_size > MOST_MANIFEST:
            raise IntakeError(f"{place}: {MANIFEST} has more than {MOST_MANIFEST} bytes; expected a few lines")
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise IntakeError(f"{place}: {MANIFEST} cannot be read as JSON: {str(error)[:120]}") from None
    if not isinstance(values, dict):
        raise IntakeError(f"{place}: {MANIFEST} holds no JSON object; expected the keys {', '.join(KEYS)}")
    for key in values:
        if key not in KEYS:
            raise IntakeError(
                f"{place}: {MANIFEST}: unknown key '{str(key)[:40]}'{nearest(str(key)[:40], KEYS)}; expected {', '.join(KEYS)}"
            )
    claim = values.get("claim")
    if claim is not None and (type(claim) not in (int, float) or not math.isfinite(claim)):
        raise IntakeError(f"{place}: {MANIFEST}: 'claim' is {_cut(claim)}; expected a number or null")
    texts = {key: values.get(key, "") for key in ("assignment", "track", "name", "description")}
    for key, value in texts.items():
        if not isinstance(value, str):
            raise IntakeError(f"{place}: {MANIFEST}: '{key}' is {_cut(value)}; expected a text")
    return Manifest(claim=None if claim is None else float(claim), **texts)


def check_manifest(manifest: Manifest, track: Track, place: str) -> None:
    """Refuse what is of another track, or has no name that can be shown.

    Raises:
        HandinError: one line says which key.
    """
    for key, expected in (("assignment", track.assignment), ("track", track.id)):
        if getattr(manifest, key) != expected:
            raise IntakeError(f"{place}: {MANIFEST}: '{key}' is {_cut(getattr(manifest, key))}; expected '{expected}'")
    name = manifest.name
    if not 1 <= len(name) <= LONGEST_NAME or name != name.strip() or not _is_shown(name):
        raise IntakeError(
            f"{place}: {MANIFEST}: 'name' is {_cut(name)}; expected a pseudonym of 1 to {LONGEST_NAME} visible characters"
        )
    if len(manifest.description) > LONGEST_DESCRIPTION or not _is_shown(manifest.description.replace("\n", " ")):
        raise IntakeError(
            f"{place}: {MANIFEST}: 'description' is too long or holds invisible characters; expected at most {LONGEST_DESCRIPTION} visible ones"
        )


def check_safetensors(path: Path, place: str) -> None:
    """Refuse a file that is none: its header is a length, and JSON of names, dtypes, shapes and offsets.

    Raises:
        HandinError: it is none; a pickle under that name is called so.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        first = file.read(LENGTH.size)
        length = LENGTH.unpack(first)[0] if len(first) == LENGTH.size else 0
        # A length of 640 begins as a pickle does; only what is no length can be one.
        if not 2 <= length <= min(MOST_HEADER, size - LENGTH.size):
            if first[:2] in (b"PK", b"\x80\x02", b"\x80\x04", b"\x80\x05"):
                raise HandinError(
                    f"{place}: {path.name} is a pickle or an archive; expected safetensors, which run no code"
                )
            raise HandinError(f"{place}: {path.name} has no header of safetensors; expected a file of save_file")
        try:
            header = json.loads(file.read(length))
            parts = [value for key, value in header.items() if key != "__metadata__"]
            end = max((int(part["data_offsets"][1]) for part in parts), default=0)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
            raise HandinError(f"{place}: {path.name} has a broken header; expected a file of save_file") from None
    if end != size - LENGTH.size - length:
        raise HandinError(f"{place}: {path.name} is cut off or holds more than its tensors; expected a whole file")


def _is_shown(text: str) -> bool:
    return all(c == " " or (c.isprintable() and unicodedata.category(c) not in ("Cf", "Co", "Cn")) for c in text)


def _cut(value: object) -> str:
    return ascii(value)[:60] if isinstance(value, str | int | float | bool | None) else f"a {type(value).__name__}"
