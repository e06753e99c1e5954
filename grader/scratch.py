"""Temporary folders of the grader. What a killed run left behind, the next one removes."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFIX = "grader-scratch-"
LOCK = "lock"


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A new folder, locked while it is in use, and removed afterwards."""
    path = Path(tempfile.mkdtemp(prefix=PREFIX))
    with open(path / LOCK, "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        inside = path / "in"
        inside.mkdir()
        try:
            yield inside
        finally:
            shutil.rmtree(path, ignore_errors=True)


def sweep() -> int:
    """Remove the folders of runs that were killed, and say how many there were. Those in use stay."""
    swept = 0
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if path.is_symlink() or path.stat().st_uid != os.geteuid():
                continue
            with open(os.open(path / LOCK, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "wb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
                swept += 1
    return swept
