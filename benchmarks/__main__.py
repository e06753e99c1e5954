"""`python -m benchmarks`: runs the benchmarks one after another, each in a process of its own, and writes the page.

What each brought is kept as soon as it is there, so a run that is cut short loses the one at hand alone.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import NAMES, machine, tree
from benchmarks.comparison import Comparison
from benchmarks.page import page
from benchmarks.section import Section, kept

ASSIGNMENTS = ("assignment1_basics", "assignment4_data")
SMALL = "small ones (--quick): not for conclusions"
HERE = Path(__file__).resolve().parent


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for; 1 if a benchmark could not be run, never because of a ratio."""
    options = _options(arguments)
    names = [name for name in NAMES if name in options.names] or list(NAMES)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        out = options.out or (Path(folder) / "page" if options.quick else HERE)
        reference = Path(folder) / "reference"
        for assignment in ASSIGNMENTS:
            tree.home(tree.ROOT, assignment, reference)
        for name in names:
            begun = time.perf_counter()
            print(f"{name} …", end=" ", file=sys.stderr, flush=True)
            try:
                _run(name, Path(folder), reference, options.quick).keep(out)
                print(f"{time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
            except subprocess.CalledProcessError as error:
                failed = 1
                print(f"failed; what was measured before stays:\n{error.stderr[-4000:]}", file=sys.stderr, flush=True)
        text = page(kept(out))
        if options.quick and options.out is None:
            print(text)
        else:
            out.mkdir(parents=True, exist_ok=True)
            (out / "README.md").write_text(text, encoding="utf-8")
            print(f"written: {out / 'README.md'}")
    return failed


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Ratios against peers, in one run.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"run these only: {', '.join(NAMES)}")
    parser.add_argument("--quick", action="store_true", help="small sizes and few repetitions: does it run at all?")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write README.md there, and what it is made of")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in NAMES]
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(NAMES)}")
    return options


def _run(name: str, folder: Path, reference: Path, quick: bool) -> Section:
    facts = {**machine.facts(os.getloadavg()[0]), "sizes": SMALL if quick else "full"}
    # The tree is the working directory, so its package is found before the course's own, which holds stubs.
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.alone", name, str(folder), *(["--quick"] if quick else [])],
        cwd=reference, env={**os.environ, "PYTHONPATH": str(tree.ROOT), "OMP_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = json.loads(ended.stdout.splitlines()[-1])
    return Section(name, found["about"], tuple(map(Comparison.from_json, found["comparisons"])), facts)


if __name__ == "__main__":
    sys.exit(main())
