"""What decides an outcome, as one hash: the hand-in's bytes, the assignment, the seed, and how it is graded."""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from grader.intake import is_left_out
from grader.intake.caps import CAPS, Caps
from grader.task import Task


def run_key(task: Task, source: str, assignment_sha256: str) -> str:
    """The key of the outcome that `task` will have; `source` is `source_sha256` of its hand-in."""
    problems = ("every problem",) if task.problems is None else task.problems
    parts = (source, task.assignment, assignment_sha256, str(task.seed), task.engine, task.policy.value, *problems)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def source_sha256(handin: Path, caps: Caps = CAPS) -> str | None:
    """The hash of a hand-in as it lies there: of the archive's bytes, or of the names and bytes in a folder.

    None for what would be refused, or could be different when looked at again: links, special files, too much of it.
    Follows no link and opens nothing but plain files.
    """
    whole = hashlib.sha256()
    left, files = caps.scanned_bytes, 0
    try:
        for path in _files(handin):
            files += 1
            with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
                status = os.fstat(file.fileno())
                left -= status.st_size
                if not stat.S_ISREG(status.st_mode) or left < 0 or files > caps.scanned_entries:
                    return None
                name = path.relative_to(handin).as_posix() if path != handin else ""
                whole.update(hashlib.sha256(os.fsencode(name)).digest())
                whole.update(hashlib.file_digest(file, "sha256").digest())
    except OSError:
        return None
    return whole.hexdigest() if files else None


def _files(handin: Path) -> Iterator[Path]:
    if not handin.is_dir() or handin.is_symlink():
        yield handin
        return
    for place, folders, names in os.walk(handin):
        folders[:] = sorted(name for name in folders if not is_left_out(name))
        for name in [*folders, *sorted(names)]:
            path = Path(place, name)
            if path.is_symlink() or not (path.is_dir() or is_left_out(name)):
                yield path
