"""A hand-in as it was given, opened: the public face of intake."""

import os
import stat
import unicodedata
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.intake import folder, place, tars, zips
from grader.intake.caps import CAPS, Caps, Meter
from grader.intake.member import Member
from grader.intake.refusal import reading, refuse, shown
from grader.intake.unpack import Unpacked, unpack

FORMS = "a folder, .zip, .tar.gz, .tgz or an adapters.py"
SUFFIXES = (".tar.gz", ".tgz", ".zip", ".py")
RESERVED = frozenset(("class", "outcomes"))
LISTED = 12


@dataclass(frozen=True)
class Handin:
    """A hand-in that was opened. `folder` holds `adapters.py`, and only plain files lie below it."""

    source: Path
    folder: Path
    left_out: tuple[str, ...] = ()
    """What was not unpacked: version control, caches, compiled code."""
    outside: tuple[str, ...] = ()
    """What lies at the top beside the assignment's folder; it is not graded."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a report should say about the two."""
        notes = []
        if self.left_out:
            notes.append(f"left out of the hand-in: {_listed(self.left_out)}")
        if self.outside:
            notes.append(f"outside {self.folder.name}/, not graded: {_listed(self.outside)}")
        return tuple(notes)


def open_handin(source: Path, assignment: str, destination: Path, caps: Caps = CAPS) -> Handin:
    """Open the hand-in `source` for the assignment of that name into `destination`.

    `destination` is made if need be and must be empty; after an error it may hold a part of the hand-in.

    Raises:
        IntakeError: the hand-in is refused; one line says what, where and what was expected.
        FileExistsError: `destination` is not empty.
        OSError: `destination` cannot be written, which is not the student's fault.
    """
    source = Path(os.path.abspath(source))  # not resolve(): a link at the end must stay visible
    unpacked = open_any(source, destination, caps)
    root = place.find(unpacked.files, assignment, source.name)
    beside = {_top(path, root) for path in unpacked.files if not path.is_relative_to(root)}
    return Handin(source, destination / root, unpacked.left_out, tuple(sorted(beside)))


def open_any(
    source: Path, destination: Path, caps: Caps = CAPS, keep: Callable[[Member], bool] = lambda member: True
) -> Unpacked:
    """Open a folder or archive of whatever content into `destination`, passing over members that `keep` says no of.

    Raises: as `open_handin`.
    """
    source = Path(os.path.abspath(source))
    meter = Meter(source.name, caps)
    destination.mkdir(parents=True, exist_ok=True)
    if any(destination.iterdir()):
        raise FileExistsError(f"{destination} is not empty; expected a fresh folder to open a hand-in into")
    with closing(_members(source, meter)) as members:
        return unpack(filter(keep, members), destination, meter)


def report_names(sources: Sequence[Path]) -> list[str]:
    """A name for each hand-in: a file name, unlike every other, whatever the sources are called."""
    taken = set(RESERVED)
    names = []
    for source in sources:
        stem = base = _plain(_without_suffix(source.name))
        count = 1
        while stem.casefold() in taken:
            count += 1
            stem = f"{base}-{count}"
        taken.add(stem.casefold())
        names.append(stem)
    return names


def _members(source: Path, meter: Meter) -> Generator[Member, None, None]:
    with reading(meter.handin, FORMS):
        mode = os.lstat(source).st_mode
    if stat.S_ISDIR(mode):
        yield from folder.members(source, meter)
        return
    if stat.S_ISLNK(mode):
        raise refuse(meter.handin, "is a symbolic link", "the folder or file itself")
    if not stat.S_ISREG(mode):
        raise refuse(meter.handin, "is neither a folder nor a plain file", FORMS)
    suffix = _suffix(source.name)
    if suffix == ".py":
        yield from folder.one_file(source, place.ENTRY, meter)
    elif suffix == "":
        raise refuse(meter.handin, "is of an unknown form", FORMS)
    else:
        with reading(meter.handin, FORMS):
            file = os.fdopen(os.open(source, folder.AS_FILE), "rb")
        with file:
            if os.fstat(file.fileno()).st_size > meter.caps.scanned_bytes:
                raise meter.over("bytes", f"at most {meter.caps.total_bytes >> 20} MB in all")
            yield from zips.members(file, meter) if suffix == ".zip" else tars.members(file, meter)


def _suffix(name: str) -> str:
    return next((suffix for suffix in SUFFIXES if name.casefold().endswith(suffix)), "")


def _without_suffix(name: str) -> str:
    return name[: len(name) - len(_suffix(name))]


def _plain(name: str) -> str:
    """Letters, digits, `.`, `_`, `-`; never hidden, never an option, never long."""
    kept = "".join(c if c.isalnum() or c in "._-" else "_" for c in unicodedata.normalize("NFC", name))
    return kept.lstrip(".-_").encode()[:100].decode(errors="ignore") or "handin"


def _top(path: PurePosixPath, root: PurePosixPath) -> str:
    """The name that stands for `path` beside `root`: its first part that is not on the way to `root`."""
    pairs = zip(path.parts, root.parts, strict=False)
    shared = next((at for at, (ours, theirs) in enumerate(pairs) if ours != theirs), len(root.parts))
    return "/".join(path.parts[: shared + 1]) + ("/" if len(path.parts) > shared + 1 else "")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(shown(name) for name in names[:LISTED]) + more
