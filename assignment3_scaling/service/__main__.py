"""`python -m assignment3_scaling.service`: start the training API, and look after its students."""

import json
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from assignment3_scaling.service.api.access import Access
from assignment3_scaling.service.backends import MAKERS, NoBackend, make_backend
from assignment3_scaling.service.bets import standing
from assignment3_scaling.service.clock import system_clock
from assignment3_scaling.service.office import RemoteOffice
from assignment3_scaling.service.registry import Registry, StudentError
from assignment3_scaling.service.service import Service
from assignment3_scaling.service.serving import application, runner_for, serve
from assignment3_scaling.service.settings import Settings
from assignment3_scaling.service.simulated.reveal import reveal as reveal_simulated
from assignment3_scaling.service.store import Database
from grader.database import AddressError

FILE = "scaling.sqlite"
app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
students_app = typer.Typer(help="Add and list students, renew keys, extend deadlines.", no_args_is_help=True)
app.add_typer(students_app, name="students")

DatabaseOption = Annotated[
    str,
    typer.Option(
        "--database", envvar="SCALING_DATABASE", metavar="ADDRESS",
        help="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE.",
    ),
]  # fmt: skip
BackendOption = Annotated[str, typer.Option(help=f"What trains: {', '.join(MAKERS)}.")]
KeyOption = Annotated[
    str | None, typer.Option(envvar="SCALING_INTERNAL_KEY", help="The secret of workers on other machines.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON for programs.")]
DEFAULT_DATABASE = f"sqlite:///{FILE}"


@contextmanager
def _fair() -> Iterator[None]:
    """What a person did wrong is one line, not a traceback."""
    try:
        yield
    except (AddressError, NoBackend, StudentError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None


def _registry(database: str) -> Registry:
    return Registry(Database(database), system_clock)


def _moment(given: str | None) -> datetime | None:
    """A moment in ISO 8601; without a time zone it is UTC."""
    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise typer.BadParameter(f"{given!r} is no moment; expected one like 2026-05-01T23:59+02:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@app.command("serve")
def serve_command(
    database: DatabaseOption = DEFAULT_DATABASE,
    backend: BackendOption = "simulated",
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes one that is free.")] = 8000,
    slots: Annotated[int, typer.Option(min=0, help="Runs at a time here; 0 leaves them to workers elsewhere.")] = 4,
    max_concurrent_workers: Annotated[int, typer.Option(min=1, help="Runs at a time, everywhere together.")] = 100,
    lost_after: Annotated[float, typer.Option(min=1, help="Seconds of silence after which a run is taken back.")] = 60,
    final_deadline: Annotated[str | None, typer.Option(help="When final submissions close (ISO 8601).")] = None,
    public_client: Annotated[
        bool, typer.Option("--public-client", help="Keys of 8 digits, and answers that the 2026 client can read.")
    ] = False,
    requests_per_minute: Annotated[int, typer.Option(min=1, help="A student's requests.")] = 600,
    submits_per_minute: Annotated[int, typer.Option(min=1, help="A student's submits, among these.")] = 120,
    internal_key: KeyOption = None,
    log: Annotated[Path | None, typer.Option(help="Log requests to this file, a JSON object a line.")] = None,
) -> None:
    """Start the server. In an empty database it makes a student, and prints their key."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    settings = Settings(
        max_concurrent_workers=max_concurrent_workers, lost_after_seconds=lost_after,
        final_deadline=_moment(final_deadline), public_client=public_client,
    )  # fmt: skip
    access = Access(requests_per_minute, submits_per_minute, internal_key=internal_key)
    with _fair():
        service = Service(database, make_backend(backend, slots), settings=settings)
        if not service.registry.list():
            student = service.add_student("student")
            typer.echo(f"made the student {student.name!r}, whose key is shown only now: {student.key}")
        try:
            serve(application(service, access, slots=slots, log=log), host, port)
        finally:
            service.close()


@app.command()
def worker(
    url: Annotated[str, typer.Argument(help="Where the server listens.")],
    internal_key: KeyOption = None,
    backend: BackendOption = "simulated",
    slots: Annotated[int, typer.Option(min=1, help="Runs at a time.")] = 1,
    lost_after: Annotated[float, typer.Option(min=1, help="As the server's.")] = 60,
) -> None:
    """Work for a server on another machine, until told to stop."""
    if internal_key is None:
        raise typer.BadParameter("--internal-key (or SCALING_INTERNAL_KEY) is what lets a worker in")
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    with _fair():
        trains = make_backend(backend, slots)
    office = RemoteOffice(url, internal_key)
    runner = runner_for(trains, office, slots=slots, lost_after_seconds=lost_after)
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    runner.start()
    typer.echo(f"working for {url}")
    told.wait()
    runner.stop()
    office.close()


@students_app.command("add")
def add_students(
    names: Annotated[list[str], typer.Argument(help="One or more names.")],
    database: DatabaseOption = DEFAULT_DATABASE,
    seed: Annotated[str | None, typer.Option(help="What their runs meet; random where it is not given.")] = None,
    public_client: Annotated[bool, typer.Option("--public-client", help="Keys of 8 digits.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Add students. Their keys are shown now, and never again."""
    with _fair():
        registry = _registry(database)
        added = [registry.add(name, seed=seed, digits=public_client) for name in names]
    _show([{"name": one.name, "key": one.key} for one in added], as_json)


@students_app.command("list")
def list_students(database: DatabaseOption = DEFAULT_DATABASE, as_json: JsonOption = False) -> None:
    """All students, without their keys, which nobody has."""
    with _fair():
        found = _registry(database).list()
    rows = [{"name": one.name, "added": one.added_at.isoformat(), "deadline": _shown(one.deadline)} for one in found]
    _show(rows, as_json)


@students_app.command()
def renew(
    name: str,
    database: DatabaseOption = DEFAULT_DATABASE,
    public_client: Annotated[bool, typer.Option("--public-client", help="A key of 8 digits.")] = False,
) -> None:
    """Give a student another key; the old one is worth nothing from now on."""
    with _fair():
        typer.echo(_registry(database).renew_key(name, digits=public_client))


@students_app.command()
def extend(
    name: str,
    until: Annotated[str, typer.Argument(help="A moment (ISO 8601), or `none` for that of the course.")],
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Give a student a final deadline of their own."""
    with _fair():
        _registry(database).extend(name, None if until == "none" else _moment(until))


@app.command()
def bets(database: DatabaseOption = DEFAULT_DATABASE, as_json: JsonOption = False) -> None:
    """The final submissions that stand, with what each student has used of the budget."""
    with _fair():
        found = standing(Database(database))
    rows = [asdict(one) for one in found]
    _show(
        rows if as_json else [{**row, "training_config": json.dumps(row["training_config"])} for row in rows], as_json
    )


@app.command()
def reveal(name: str, database: DatabaseOption = DEFAULT_DATABASE) -> None:
    """What the simulated runs of a student were made of, and the best final run there was: for after the deadline."""
    with _fair():
        typer.echo(json.dumps(reveal_simulated(_registry(database).find(name).seed), indent=2))


def _shown(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _show(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(rows))
        return
    table = Table()
    for column in rows[0] if rows else ():
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(str(value or "") for value in row.values()))
    Console(soft_wrap=True).print(table)


if __name__ == "__main__":
    app()
