"""`python -m assignment3_scaling.data [FOLDER]` writes every set as JSON, one run a line."""

import json
import sys
from pathlib import Path

from assignment3_scaling.data import FOLDER
from assignment3_scaling.data.sets import SETS


def text(name: str) -> str:
    """The whole file of the set `name`."""
    return "[\n" + ",\n".join(json.dumps(run) for run in SETS[name].runs()) + "\n]\n"


def write(folder: Path) -> list[Path]:
    """Write all files into `folder`, and say which."""
    paths = [folder / f"{name}.json" for name in SETS]
    for path in paths:
        path.write_text(text(path.stem), encoding="utf-8", newline="\n")
    return paths


if __name__ == "__main__":
    for path in write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER):
        print(path)
