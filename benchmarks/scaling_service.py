"""Fifty clients that hammer the training API with submits for a minute: `python -m benchmarks.scaling_service`.

On an SQLite file and on PostgreSQL, and once more with the server killed (`kill -9`) among the submits and started again.
Checks that no budget is ever exceeded, that everything acknowledged is there with its config and nothing twice, that
every run ends, and that each budget is the sum of its runs; writes `benchmarks/scaling_service.md`. Ends with 1 where
one of these does not hold. The tests of the service run the same code with fewer clients for a moment.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assignment3_scaling.service.clock import system_clock
from assignment3_scaling.service.registry import Registry
from assignment3_scaling.service.store import Database
from assignment3_scaling.service.tests.hammer import Tally, check_books, hammer
from assignment3_scaling.service.tests.process import server
from benchmarks import machine
from grader.tests import postgresql
from grader.tests.started import Started

HERE = Path(__file__).parent
STUDENTS = 10
ENOUGH = ("--requests-per-minute", 10**9, "--submits-per-minute", 10**9)


@dataclass(frozen=True)
class Measured:
    """One hammering that held, and how many runs were in the books after it."""

    database: str
    what: str
    clients: int
    tally: Tally
    runs: int

    def rate(self) -> float:
        """Answers a second."""
        return len(self.tally.waits) / self.tally.seconds


def main() -> int:
    """Hammer, check, write the page."""
    options = _options()
    load = os.getloadavg()[0]
    measured = []
    for database in ("SQLite", "PostgreSQL"):
        for what, clients in [("one client", 1), ("many clients", options.clients), ("killed", options.clients)]:
            print(f"{database}, {what} …", file=sys.stderr, flush=True)
            try:
                with _empty(database) as address:
                    measured.append(_measured(database, what, clients, address, options.seconds))
            except AssertionError as error:
                print(f"does not hold: {error}", file=sys.stderr)
                return 1
    text = _page(measured, options.seconds, load)
    (options.out / "scaling_service.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


@contextmanager
def _empty(database: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="hammer-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's own user must get at its folder in it
        if database == "SQLite":
            yield f"sqlite:///{folder}/scaling.sqlite"
        else:
            with postgresql.server(Path(folder) / "server") as address:
                yield address


def _measured(database: str, what: str, clients: int, address: str, seconds: float) -> Measured:
    opened = Database(address)
    registry = Registry(opened, system_clock)
    keys = [registry.add(f"student {number}", seed=number).key for number in range(STUDENTS)]
    opened.close()
    with server(address, *ENOUGH) as (started, url):
        tally = hammer(url, keys, clients=clients, go_on=_Until(seconds, started if what == "killed" else None))
        if what != "killed":
            return Measured(database, what, clients, tally, check_books(url, tally, keys))
    with server(address, *ENOUGH, "--lost-after", 1) as (_, url):
        return Measured(database, what, clients, tally, check_books(url, tally, keys))


class _Until:
    """Go on for some seconds; then stop, or kill the server with the requests that are on their way."""

    def __init__(self, seconds: float, victim: Started | None) -> None:
        self._end, self._victim = time.monotonic() + seconds, victim

    def __call__(self, tally: Tally) -> bool:
        if time.monotonic() < self._end:
            return True
        if self._victim is not None:
            self._victim.kill()
        return False


def _page(measured: list[Measured], seconds: float, load: float) -> str:
    rates = {(one.database, one.what): one.rate() for one in measured}
    rows = [
        f"| {one.database} | {one.what} | {one.clients} | {len(one.tally.waits)} | {one.rate():.0f} "
        f"| {1000 * statistics.median(one.tally.waits):.0f} | {1000 * statistics.quantiles(one.tally.waits, n=100)[-1]:.0f} "
        f"| {one.tally.codes[200]} | {one.tally.codes[400]} | {one.tally.codes[409]} | {one.runs} |"
        for one in measured
    ]
    many = {database: rates[database, "many clients"] for database in ("SQLite", "PostgreSQL")}
    return "\n".join([
        "# Many clients of the training API", "",
        "Written by `python -m benchmarks.scaling_service`. Do not edit: run it again.", "",
        f"{STUDENTS} students; each line is {seconds:g} s of submits against a server of its own with the simulated backend, its "
        "four slots at work meanwhile. A third of the submits are sent twice at the same moment under one idempotency key; "
        "many are of configs that another client of the same student has just submitted; the longest runs are long enough to "
        "reserve a budget in nine submits. *killed*: the server is ended by `kill -9` under the last submits, and started "
        "again.", "",
        "Held on every line: no budget was exceeded in any answer or afterwards; everything acknowledged was there with its "
        "config; no experiment and no idempotency key was counted twice; every run ended; each budget was the sum of its "
        "runs.", "",
        "| database | what | clients | answers | a second | median ms | 99 % ms | taken (200) | no budget (400) | duplicate (409) | runs in the books |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        *rows, "",
        f"{measured[1].clients} clients against one, answers a second: SQLite {many['SQLite'] / rates['SQLite', 'one client']:.2f}, PostgreSQL "
        f"{many['PostgreSQL'] / rates['PostgreSQL', 'one client']:.2f}. SQLite against PostgreSQL with many clients: "
        f"{many['SQLite'] / many['PostgreSQL']:.2f}. Clients and server share the machine.", "",
        "| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in machine.facts(load).items()), "",
    ])  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scaling_service", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each hammering takes")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--out", type=Path, default=HERE, metavar="DIR", help="where the page is written")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
