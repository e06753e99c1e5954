"""The second half of `make demo`: the same class at the course server, with a leaderboard on which three have entered.

The server is a real one in `build/demo/server`. Its hand-ins were graded by `grader grade` just before into the server's own
gradebook, so the worker finds most of them done; the entries it verifies by running.
"""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import select

from grader import assignment as assignments
from grader.server import office as offices
from grader.server.office import Office, default_address
from grader.server.role import Role
from grader.server.settings import Settings
from grader.server.submissions import Kind
from grader.server.tables import CourseRow
from grader.server.uploads import keep
from grader.server.worker import Worker
from staff.leaderboards.golden import Workshop

BOARD = "assignment3_scaling"
ENTRANTS = {"brook": "honest_isoflops_without_tuning", "alder": "honest_reference", "dune": "cheat_false_claim"}
"""Who enters what for the leaderboard: golden entries, of which the last claims more than it has."""
INSTRUCTOR = "instructor"
PORT = 8336


def begin(root: Path, data: Path, seed: int) -> str:
    """Make the server and give the address of its database. Its seed is the demo's, so what is graded with that counts."""
    offices.begin(data)
    with closing(Office(Settings(root, data))) as office, office.database.writing() as session:
        session.scalars(select(CourseRow)).one().seed = seed
    return default_address(data)


def populate(root: Path, data: Path, assignment: str, handins: Mapping[str, Path], jobs: int) -> Mapping[str, str]:
    """Have everybody hand in, and three enter the leaderboard; do all the work that comes of it; give everybody's token."""
    with closing(Office(Settings(root, data))) as office:
        tokens = {name: office.accounts.add(name, Role.STUDENT, actor="demo") for name in handins}
        tokens[INSTRUCTOR] = office.accounts.add(INSTRUCTOR, Role.INSTRUCTOR, actor="demo")
        people = {name: office.accounts.by_token(token) for name, token in tokens.items()}
        for name, file in handins.items():
            office.submissions.accept(people[name], Kind.HAND_IN, assignment, "", keep(file, office.settings.uploads))
        course = assignments.load(root, BOARD)
        place = data.parent / "entries"
        place.mkdir(exist_ok=True)
        workshop = Workshop(course, place)
        for name, golden in ENTRANTS.items():
            entry = workshop.known[golden]
            packed, track = workshop.packed(entry)
            office.submissions.accept(
                people[name], Kind.ENTRY, BOARD, track.id, keep(packed, office.settings.uploads), entry.claim
            )
        worker = Worker(office, jobs)
        while worker.step():
            pass
        shutil.rmtree(place)
    return tokens


def offer(root: Path, data: Path, tokens: Mapping[str, str], students: tuple[str, ...]) -> int:
    """Say how the server is started and who may log in; start it where somebody at a terminal wants that."""
    start = ["serve", "--data", str(data.relative_to(root)), "--port", str(PORT)]
    print(f"\nthe course server, with this class in it: .venv/bin/grader {' '.join(start)}")
    print(f"then http://127.0.0.1:{PORT}/log-in, with one of these tokens (they are made anew each time):")
    for name in (INSTRUCTOR, *students):
        print(f"  {name:<12}{tokens[name]}")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return 0
    if input("start it now? [Y/n] ").strip().casefold() not in ("", "y", "yes"):
        return 0
    try:
        return subprocess.run([sys.executable, "-m", "grader", *start], cwd=root, check=False).returncode
    except KeyboardInterrupt:
        return 0
