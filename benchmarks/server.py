"""A class that hands in at the same moment: `python -m benchmarks.server`.

So many students as at a deadline, all at once against one `grader serve` on this machine, which grades meanwhile: each
logs in, hands in, hands in the same again as after a lost answer, and looks at five pages. Checks that nothing that was
acknowledged is lost, that nobody has two hand-ins, and that no request failed; writes `benchmarks/server.md`. Ends with 1
where one of these does not hold.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import machine
from grader import assignment as assignments
from grader.server.office import Office
from grader.server.role import Role
from grader.server.settings import Settings
from grader.tests import course_server, postgresql
from grader.tests.boards import give_board

HERE = Path(__file__).parent
COURSE = HERE.parent / "grader" / "tests" / "tiny_course"
ASSIGNMENT = "assignment0_tiny"
LONGEST_SECONDS = 150
PLENTY = ("--requests-per-minute", 10**6, "--uploads-per-minute", 10**6, "--jobs", 1)


@dataclass(frozen=True)
class Measured:
    """One deadline that held. Times are milliseconds, by what was asked for."""

    database: str
    students: int
    stats: dict[str, dict[str, float]]
    graded: int
    """How many were graded already when the last student had looked at the last page."""


def main() -> int:
    """Measure, check, write the page."""
    options = _options()
    load = os.getloadavg()[0]
    measured = []
    for database in ("SQLite", "PostgreSQL"):
        print(f"{database} …", file=sys.stderr, flush=True)
        try:
            measured.append(measure(database, options.students))
        except AssertionError as error:
            print(f"does not hold: {error}", file=sys.stderr)
            return 1
    text = page(measured, load)
    (options.out / "server.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


def measure(database: str, students: int) -> Measured:
    """A deadline of so many students.

    Raises:
        AssertionError: something that was acknowledged is lost or there twice, or a request failed.
    """
    with tempfile.TemporaryDirectory(prefix="deadline-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL's own user must get at its folder in it
        root = Path(shutil.copytree(COURSE, folder / "course"))
        give_board(assignments.load(root, ASSIGNMENT))
        with _address(database, folder) as address:
            with course_server.office(root, folder / "data", address) as office:
                names = [f"student{number}" for number in range(students)]
                tokens = [(name, office.accounts.add(name, Role.STUDENT, actor="benchmark")) for name in names]
            options = ("--database", address) if address else ()
            with course_server.server(root, folder / "data", *PLENTY, *options) as (_, url):
                found = _deadline(folder, url, tokens)
            with closing(Office(Settings(root, folder / "data"), address)) as office:
                return _checked(database, office, found, names)


@contextmanager
def _address(database: str, folder: Path) -> Iterator[str | None]:
    if database == "SQLite":
        yield None
    else:
        with postgresql.server(folder / "server") as address:
            yield address


def _deadline(folder: Path, url: str, tokens: list[tuple[str, str]]) -> dict[str, Any]:
    (folder / "tokens.json").write_text(json.dumps(tokens), encoding="utf-8")
    environment = {
        **os.environ, "DEADLINE_TOKENS": str(folder / "tokens.json"), "DEADLINE_OUT": str(folder / "out.json")
    }  # fmt: skip
    command = [
        sys.executable, "-m", "locust", "--locustfile", HERE / "deadline.py", "--headless", "--host", url,
        "--users", len(tokens), "--spawn-rate", len(tokens), "--run-time", f"{LONGEST_SECONDS}s", "--only-summary",
        "--exit-code-on-error", 0,
    ]  # fmt: skip
    result = subprocess.run(
        list(map(str, command)), env=environment, capture_output=True, text=True, check=False,
        timeout=2 * LONGEST_SECONDS,
    )  # fmt: skip
    assert (folder / "out.json").is_file(), result.stderr[-2000:]
    found: dict[str, Any] = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    return found


def _checked(database: str, office: Office, found: dict[str, Any], names: list[str]) -> Measured:
    assert not found["errors"], "; ".join(found["errors"])
    rows = {row.id: row for row in course_server.rows(office)}
    accounts = {account.name: account.id for account in office.accounts.list()}
    for one in found["acknowledged"]:
        assert one["id"] in rows, f"submission {one['id']} was acknowledged, and is lost"
        assert rows[one["id"]].account_id == accounts[one["name"]]
    assert len(found["acknowledged"]) == 2 * len(names), f"{len(found['acknowledged'])} acknowledged; expected two each"
    assert sorted(row.account_id for row in rows.values()) == sorted(accounts[name] for name in names), "not one each"
    graded = sum(row.state in ("done", "refused") for row in rows.values())
    return Measured(database, len(names), found["stats"], graded)


def page(measured: list[Measured], load: float) -> str:
    """The figures as Markdown."""
    rows = [
        f"| {one.database} | {name} | {int(stats['requests'])} | {int(stats['failures'])} | {stats['median']:.0f} "
        f"| {stats['p95']:.0f} | {stats['longest']:.0f} |"
        for one in measured
        for name, stats in one.stats.items()
    ]
    graded = ", ".join(f"{one.graded} with {one.database}" for one in measured)
    return "\n".join([
        "# The course server at a deadline", "",
        "Written by `python -m benchmarks.server`. Do not edit: run it again.", "",
        f"{measured[0].students} students at the same moment against one `grader serve` with its worker at work: each logs "
        "in, hands in, hands in the same again as after a lost answer, and looks at five pages, without a pause. Students, "
        "server, worker and database share the machine.", "",
        "Held: every hand-in that was acknowledged was in the books, its sender's, and the only one of its sender; no "
        f"request failed. Graded by the time the last page was seen: {graded}.", "",
        "| database | what | requests | failed | median ms | 95 % ms | longest ms |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
        *rows, "",
        "| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in machine.facts(load).items()), "",
    ])  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--out", type=Path, default=HERE, metavar="DIR", help="where the page is written")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
