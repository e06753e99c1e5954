"""Writes members into a folder: the only place where a hand-in's bytes reach the disk.

Folders and files are created one by one with fixed modes; a link is never made, so a path that stays inside
by its name stays inside.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.intake.caps import Meter
from grader.intake.member import Kind, Member
from grader.intake.names import Taken, check, left_out, parse
from grader.intake.refusal import refuse

FILE_MODE, FOLDER_MODE = 0o644, 0o755
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Unpacked:
    """What was written, and what was left out (folders end in `/`)."""

    files: tuple[PurePosixPath, ...]
    left_out: tuple[str, ...]


def unpack(members: Iterable[Member], destination: Path, meter: Meter) -> Unpacked:
    """Write every member that is kept below `destination`, an empty folder.

    Raises:
        IntakeError: at the first member that is not what a hand-in may hold; what was written stays there.
    """
    taken = Taken(meter.handin)
    files: list[PurePosixPath] = []
    dropped: dict[str, None] = {}
    for member in members:
        meter.entry()
        if member.kind is Kind.FOLDER and member.name in ("", ".", "./"):
            continue
        path = parse(meter.handin, member.name)
        if unwanted := left_out(path, member.kind is Kind.FOLDER):
            dropped[unwanted] = None
            continue
        check(meter.handin, path, meter.caps)
        if member.kind is Kind.FOLDER:
            taken.folder(path)
            continue
        if member.name.endswith("/"):
            raise refuse(meter.handin, "has the name of a folder and is none", "a plain name", member.name)
        if member.kind is not Kind.FILE:
            raise refuse(meter.handin, f"is {member.kind.value}", "plain files and folders only", member.name)
        taken.file(path)
        meter.file()
        _write(member, destination, path, meter)
        files.append(path)
    return Unpacked(tuple(files), tuple(dropped))


def _write(member: Member, destination: Path, path: PurePosixPath, meter: Meter) -> None:
    folder = destination
    for part in path.parts[:-1]:
        folder /= part
        if not folder.is_dir():
            folder.mkdir()
            folder.chmod(FOLDER_MODE)  # mkdir's own mode is cut by the umask
    written = 0
    with os.fdopen(os.open(folder / path.name, NEW_FILE, FILE_MODE), "wb") as file:
        os.fchmod(file.fileno(), FILE_MODE)
        for chunk in member.chunks():
            written += len(chunk)
            meter.bytes(member.name, len(chunk), written, member.packed)
            file.write(chunk)
