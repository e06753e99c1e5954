"""How Python is started in a box, and which user boxes run as when the grader is root."""

import functools
import itertools
import os
import sys
from pathlib import Path

FLAGS = ("-P", "-s", "-S", "-B")
"""No folder of a hand-in on the path, no user's or site's packages, no bytecode written.

Not `-I`: it would ignore PYTHONHASHSEED; the environment is made by us."""

ENTER = Path(__file__).parent / "inside" / "enter.py"
FIRST_USER = 2_000_000


def interpreter() -> str:
    """The Python behind a virtual environment: it exists inside, where the environment's folder does not."""
    return str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())


@functools.cache
def _numbers() -> "itertools.count[int]":
    return itertools.count()


def next_user() -> int:
    """A user id for the next box, so that limits per user are limits per box; 0, nobody else, for ordinary users.

    Below 2**31 and never reused within a hundred thousand boxes; the host's process id keeps two graders apart.
    """
    if os.geteuid() != 0:
        return 0
    return FIRST_USER + (os.getpid() % 10_000) * 100_000 + next(_numbers()) % 100_000
