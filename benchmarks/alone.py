"""Runs one benchmark in a process of its own, with the reference in the student's place, and prints its results.

`python -m benchmarks.alone NAME FOLDER [--quick]`; prints JSON: what the benchmark is about, and its comparisons.
Started by `python -m benchmarks`, which puts a tree with the reference on the path. Not for use by hand.
"""

import importlib
import json
import sys
from pathlib import Path


def main(name: str, folder: str, *options: str) -> None:
    """Measure, and print what came of it as the last line."""
    module = importlib.import_module(f"benchmarks.{name}")
    comparisons = module.compare(Path(folder), quick="--quick" in options)
    about = (module.__doc__ or "").strip()
    print(json.dumps({"about": about, "comparisons": [comparison.as_json() for comparison in comparisons]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
