"""Reads a hand-in that is a folder, without following a link or opening anything but plain files.

Every step is relative to an open folder's descriptor, so a name that is swapped for a link while we look at
it gains nothing.
"""

import os
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePosixPath

from grader.intake.caps import Meter
from grader.intake.member import CHUNK, Kind, Member, nothing
from grader.intake.names import is_left_out
from grader.intake.refusal import reading, refuse

EXPECTED = "readable plain files and folders"
AS_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
AS_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

KINDS = {
    stat.S_IFREG: Kind.FILE,
    stat.S_IFDIR: Kind.FOLDER,
    stat.S_IFLNK: Kind.SYMLINK,
    stat.S_IFIFO: Kind.FIFO,
    stat.S_IFCHR: Kind.DEVICE,
    stat.S_IFBLK: Kind.DEVICE,
    stat.S_IFSOCK: Kind.SOCKET,
}


def members(source: Path, meter: Meter) -> Iterator[Member]:
    """The members of the folder `source`, each folder ahead of what is in it, in alphabetical order."""
    with reading(meter.handin, EXPECTED):
        opened = os.open(source, AS_FOLDER)
    try:
        yield from _within(opened, PurePosixPath(), meter)
    finally:
        os.close(opened)


def one_file(source: Path, name: str, meter: Meter) -> Iterator[Member]:
    """The single file `source`, as the member `name`."""
    with reading(meter.handin, EXPECTED):
        parent = os.open(source.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with reading(meter.handin, EXPECTED):
            kind, size = _kind_and_size(parent, source.name)
        yield Member(name, kind, lambda: _content(parent, source.name, meter), size=size)
    finally:
        os.close(parent)


def _within(opened: int, path: PurePosixPath, meter: Meter) -> Iterator[Member]:
    with reading(meter.handin, EXPECTED, str(path)), os.scandir(opened) as entries:
        # One more than may be, so that the meter sees that there are too many.
        listed = sorted(entry.name for entry in islice(entries, meter.caps.scanned_entries + 1))
    for entry in listed:
        inner = path / entry
        with reading(meter.handin, EXPECTED, str(inner)):
            kind, size = _kind_and_size(opened, entry)
        if kind is not Kind.FOLDER:
            # Bound now: the loop moves on, though each member is used up before it does.
            yield Member(str(inner), kind, lambda entry=entry: _content(opened, entry, meter), size=size)  # type: ignore[misc]
            continue
        yield Member(f"{inner}/", kind, nothing)  # whoever takes it refuses it here if it lies too deep
        if is_left_out(entry):
            continue
        with reading(meter.handin, EXPECTED, str(inner)):
            deeper = os.open(entry, AS_FOLDER, dir_fd=opened)
        try:
            yield from _within(deeper, inner, meter)
        finally:
            os.close(deeper)


def _kind_and_size(opened: int, name: str) -> tuple[Kind, int]:
    """What `name` is by its inode: opening a device or a FIFO to see would already be too much."""
    found = os.stat(name, dir_fd=opened, follow_symlinks=False)
    return KINDS.get(stat.S_IFMT(found.st_mode), Kind.OTHER), found.st_size


def _content(opened: int, name: str, meter: Meter) -> Iterator[bytes]:
    with reading(meter.handin, EXPECTED, name):
        file = os.open(name, AS_FILE, dir_fd=opened)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise refuse(meter.handin, "changed while it was read", "a plain file", name)
        while True:
            with reading(meter.handin, EXPECTED, name):
                chunk = os.read(file, CHUNK)
            if not chunk:
                return
            yield chunk
    finally:
        os.close(file)
