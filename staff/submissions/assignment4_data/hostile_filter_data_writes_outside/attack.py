"""Leaves a file wherever it can."""

import contextlib
from pathlib import Path

import assignment4_data


def plant(folder):
    tests = Path(assignment4_data.__file__).parent / "tests"
    for place in (folder.parent, folder.parent.parent, tests, Path("/dev/shm"), Path("/tmp")):
        with contextlib.suppress(OSError):
            (place / "grader-hostile-marker.txt").write_text("planted")
