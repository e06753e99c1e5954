"""The demonstration behind `make demo`: a small class hands in assignment 1, is graded in the sandbox, and meets the server.

The hand-ins are real code: the reference, the stubs, and golden submissions of every kind, as zips, tarballs and a
folder, with one zip that is damaged. Nothing is staged; `grader grade` does what it does every night.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from grader import assignment as assignments
from grader import golden
from grader.assignment import Assignment
from staff import demo_server

ROOT = Path(__file__).parent.parent
NAME = "assignment1_basics"
OUT = ROOT / "build" / "demo"

# Who hands in what: a golden submission's name, or None for the reference. The names are invented.
CLASS = {
    "alder": None,
    "brook": "partial_model_only",
    "dune": "wrong_rope_half_split",
    "ember": "broken_syntax_error",
    "fjord": "hostile_leaves_at_import",
    "gale": "hostile_tensor_subclass",
}


def main() -> int:
    """Make the class, grade it, say where the report is, and offer the server with the class in it."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--seed", type=int, default=336)
    seed = options.parse_args().seed
    shutil.rmtree(OUT, ignore_errors=True)
    handins = OUT / "handins"
    handins.mkdir(parents=True)
    make_class(assignments.load(ROOT, NAME), handins)
    print(
        f"{len(list(handins.iterdir()))} hand-ins of {NAME} are in {handins.relative_to(ROOT)}/; grading them in the sandbox …"
    )
    data, jobs = OUT / "server", min(4, os.cpu_count() or 1)
    command = [
        sys.executable, "-m", "grader", "grade", NAME, str(handins), "--out", str(OUT / "report"), "--jobs", str(jobs),
        "--seed", str(seed), "--gradebook", demo_server.begin(ROOT, data, seed),
    ]  # fmt: skip
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if code not in (0, 1):
        return code
    print(f"the class's report: {(OUT / 'report' / 'class.html').as_uri()}")
    print("the class goes to the course server, and three enter a leaderboard; verifying them by running …")
    sent = {path.name.partition(".")[0]: path for path in sorted(handins.iterdir()) if path.is_file()}
    sent["kelp"] = handins / "kelp" / "adapters.py"
    tokens = demo_server.populate(ROOT, data, NAME, sent, jobs)
    return demo_server.offer(ROOT, data, tokens, ("alder", "brook"))


def make_class(assignment: Assignment, folder: Path) -> None:
    """Write the hand-ins in the forms that students choose."""
    known = {entry.name: entry for entry in golden.load_all(assignment)}
    for number, (student, what) in enumerate(CLASS.items()):
        target = folder / student / assignment.name
        if what is None:
            shutil.copytree(assignment.solution, target)
        else:
            golden.materialise(known[what], assignment, target)
        if number % 2:
            shutil.make_archive(str(folder / student), "zip", folder / student)
        else:
            with tarfile.open(folder / f"{student}.tar.gz", "w:gz") as archive:
                archive.add(folder / student, arcname=student)
        shutil.rmtree(folder / student)
    (folder / "juniper.zip").write_bytes(b"PK\x03\x04 a download that broke off")
    stubs = folder / "kelp"
    stubs.mkdir()
    shutil.copyfile(assignment.folder / "adapters.py", stubs / "adapters.py")


if __name__ == "__main__":
    sys.exit(main())
