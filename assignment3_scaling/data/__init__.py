"""Runs to fit laws to, as JSON, and the code that made them; `python -m assignment3_scaling.data` makes them again.

`sets.py` says which constants lie behind each file. `runs_of` reads one.
"""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent


def runs_of(name: str) -> list[dict[str, Any]]:
    """The runs of the set `name`, in the file's order."""
    runs: list[dict[str, Any]] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return runs
