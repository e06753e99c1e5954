"""Makes the zip that a student hands in: the student-owned files of an assignment's folder, and nothing else.

The folder goes through intake first, so what cannot be graded is refused here, at home, with the same words.
The same files give the same zip, byte for byte.
"""

import ast
import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader import overlay
from grader.assignment import Assignment
from grader.intake import open_handin

BIG = 1024 * 1024
USUAL = frozenset((".py", ".json", ".toml", ".yaml", ".yml", ".txt", ".md", ".csv"))
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can say
PLAIN_FILE = 0o100644 << 16


@dataclass(frozen=True)
class PackedFile:
    """One file of the zip; `size` in bytes."""

    name: str
    size: int


@dataclass(frozen=True)
class Packed:
    """A zip that was made, what is in it, and what its owner may want to know first."""

    path: Path
    files: tuple[PackedFile, ...]
    submission_sha256: str
    warnings: tuple[str, ...]


def pack(assignment: Assignment, folder: Path, destination: Path) -> Packed:
    """Zip the student-owned files of `folder` to `destination`, which is replaced in one step.

    Raises:
        IntakeError: the folder would be refused as a hand-in.
    """
    with tempfile.TemporaryDirectory() as scratch:
        handin = open_handin(folder, assignment.name, Path(scratch, "handin"))
        files = sorted(overlay.student_files(handin.folder, assignment.staff_owned).items())
        digest = overlay.submission_sha256(handin.folder, assignment.staff_owned)
        packed = tuple(PackedFile(str(path), source.stat().st_size) for path, source in files)
        doubts = [doubt for path, source in files for doubt in _doubts(path, source)]
        draft = destination.with_name(f".{destination.name}.{os.getpid()}.tmp")
        destination.parent.mkdir(parents=True, exist_ok=True)
        try:
            with zipfile.ZipFile(draft, "w") as archive:
                for path, source in files:
                    archive.writestr(entry_of_zip(f"{assignment.name}/{path}"), source.read_bytes())
            draft.replace(destination)
        finally:
            draft.unlink(missing_ok=True)
    return Packed(destination, packed, digest, (*handin.notes, *doubts))


def entry_of_zip(name: str) -> zipfile.ZipInfo:
    """A zip entry that tells nothing of the machine or the time it was made on."""
    info = zipfile.ZipInfo(name, EPOCH)
    info.create_system = 3
    info.external_attr = PLAIN_FILE
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _doubts(path: PurePosixPath, source: Path) -> list[str]:
    """What is unusual about a file: its size, its kind, or that Python cannot read it."""
    doubts = []
    if source.stat().st_size > BIG:
        doubts.append(f"{path} is {source.stat().st_size / BIG:.1f} MB; is it meant to be handed in?")
    if path.suffix.casefold() not in USUAL:
        doubts.append(f"{path} is an unusual kind of file; is it meant to be handed in?")
    if path.suffix == ".py":
        try:
            ast.parse(source.read_bytes())
        except SyntaxError as error:
            doubts.append(f"{path}, line {error.lineno}: Python cannot read it: {error.msg}")
        except (ValueError, MemoryError, RecursionError) as error:
            doubts.append(f"{path}: Python cannot read it: {type(error).__name__}")
    return doubts
