"""A leaderboard for the tiny course: who counts furthest in three calls."""

import json
import struct
from pathlib import Path

from grader.assignment import Assignment

TOML = """
[tracks.counting]
title = "Counting far"
metric = "the third number"
unit = "number"
direction = "higher"
device = "cpu"
budget_seconds = 60
cores = 1
noise = 0.5
floor = 1000
floor_reason = "nobody counts so fast"
claim_within = 2
verifier = "counting"
entry_mb = 1
[tracks.counting.limits]
call_seconds = 5
"""
VERIFIER = """
from grader.leaderboard.case import Measured, Refused

def verify(case):
    with case.worker() as worker:
        with worker.fresh() as drivers:
            numbers = drivers.count_to(3)
        with worker.fresh() as drivers:
            again = drivers.count_to(1)
    if again[0] != 1:
        raise Refused("it does not begin at 1")
    return Measured(score=float(numbers[2]), spread=0.25, measurements={"first": float(numbers[0])}, notes=["counted"])
"""
COUNTER = """

class Counter:
    def __init__(self):
        self.count = 1 - {step}

    def next(self):
        self.count += {step}
        return self.count
"""


def give_board(tiny: Assignment, toml: str = TOML) -> None:
    """Write the tiny assignment's leaderboard and its verifier."""
    (tiny.folder / "leaderboard.toml").write_text(toml)
    place = tiny.root / "staff" / "leaderboards" / tiny.name
    place.mkdir(parents=True, exist_ok=True)
    (place / "counting.py").write_text(VERIFIER)


def manifest(**changes: object) -> str:
    """A submission.json for it."""
    told = {"assignment": "assignment0_tiny", "track": "counting", "name": "heron", "claim": None, "description": ""}
    return json.dumps({**told, **changes})


def run_of(tiny: Assignment, folder: Path, step: int, append: str = "", **changes: object) -> Path:
    """The folder of an entry that counts by `step`."""
    code = folder / "code"
    code.mkdir(parents=True)
    for name in ("adapters.py", "maths.py"):
        (code / name).write_text((tiny.solution / name).read_text())
    with (code / "maths.py").open("a") as file:
        file.write(COUNTER.format(step=step) + append)
    (folder / "submission.json").write_text(manifest(**changes))
    return folder


def safetensors(header: object, content: bytes = b"") -> bytes:
    """A file with this header, whatever it says."""
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + content
