"""The commands that run the course server: serve, and server init, token, revoke, accounts, worker, backup, restore, migrate."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from grader.assignment import find_root
from grader.cli.console import OUT, Json
from grader.errors import ConfigError
from grader.server.role import Role
from grader.server.settings import MIB, Settings

Data = Annotated[
    Path,
    typer.Option(envvar="GRADER_SERVER_DATA", help="The server's own folder, with what was uploaded.", file_okay=False),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database", envvar="GRADER_SERVER_DATABASE", metavar="URL",
        help="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE. Default: server.sqlite in the folder.",
    ),
]  # fmt: skip
Course = Annotated[
    Path | None,
    typer.Option(help="The course's root. Default: at or above the working directory.", file_okay=False),
]
Jobs = Annotated[int, typer.Option(min=1, help="Hand-ins graded at a time.")]
EngineName = Annotated[str | None, typer.Option(help="The sandbox. Default: the best here.")]
ClusterAddress = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="Grade hand-ins on a Ray cluster: ray://HOST:PORT, or 'local'.")
]
LostAfter = Annotated[
    float, typer.Option(min=1, help="Seconds of silence after which a worker's claims are taken back.")
]
DEFAULT_DATA = Path("course-server")
CORES = os.cpu_count() or 1

server = typer.Typer(help="Look after the course server: accounts, workers, backups.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("serve")(serve)
    app.add_typer(server, name="server")


def serve(
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    course: Course = None,
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes one that is free.")] = 8336,
    jobs: Jobs = CORES,
    worker: Annotated[bool, typer.Option(help="Grade here, too; without, leave it to `grader server worker`.")] = True,
    engine: EngineName = None,
    cluster: ClusterAddress = None,
    https: Annotated[
        bool, typer.Option("--https", help="People reach it by HTTPS, through a proxy: cookies travel no other way.")
    ] = False,
    log: Annotated[Path | None, typer.Option(help="Log requests to this file, a JSON object a line.")] = None,
    uploads_per_minute: Annotated[int, typer.Option(min=1, help="Files a student may send.")] = 20,
    requests_per_minute: Annotated[int, typer.Option(min=1, help="Requests a person may make.")] = 600,
    largest_mb: Annotated[int, typer.Option(min=1, help="The largest hand-in. An entry's size is its track's.")] = 64,
    lost_after: LostAfter = 30.0,
) -> None:
    """Run the course server: hand-ins, reports, leaderboards. `grader server init` makes one first."""
    settings = Settings(
        root=_root(course), data=data.absolute(), https=https, uploads_per_minute=uploads_per_minute,
        requests_per_minute=requests_per_minute, largest_hand_in=largest_mb * MIB, lost_after_seconds=lost_after,
        strangers_per_minute=10 * requests_per_minute,
    )  # fmt: skip
    _commands().serve(
        settings, database, host=host, port=port, log=log, worker=worker, jobs=jobs, engine=engine, cluster=cluster
    )


@server.command("init")
def init(
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    course: Course = None,
    instructor: Annotated[str, typer.Option(help="The name of the first account.")] = "instructor",
    json_: Json = False,
) -> None:
    """Make a server: its folder, its tables, and an instructor, whose token is shown now and never again."""
    _tokens(_commands().init(_settings(data, course), database, instructor), json_)


@server.command("token")
def token(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Accounts, made if need be.")] = None,
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.STUDENT,
    roster: Annotated[Path | None, typer.Option(help="A roster: every id in it is a name.", dir_okay=False)] = None,
    out: Annotated[Path | None, typer.Option(help="Write name,token as CSV here, for nobody else to read.")] = None,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    course: Course = None,
    json_: Json = False,
) -> None:
    """Make tokens: one a name, shown now and never again. Earlier ones stay valid; `grader server revoke` ends them."""
    made = _commands().tokens(_settings(data, course), database, names or (), role, roster, out)
    if out is None:
        _tokens(made, json_)
    else:
        OUT.print(f"{len(made)} tokens in {out}", highlight=False)


@server.command("revoke")
def revoke(
    name: str,
    close: Annotated[
        bool, typer.Option("--close", help="Close the account, too, until it gets another token.")
    ] = False,
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    course: Course = None,
) -> None:
    """End all tokens and sessions of an account."""
    count = _commands().revoke(_settings(data, course), database, name, close=close)
    OUT.print(f"{name}: {count} tokens ended{', the account is closed' if close else ''}", highlight=False)


@server.command("accounts")
def accounts(
    data: Data = DEFAULT_DATA, database: DatabaseUrl = None, course: Course = None, json_: Json = False
) -> None:
    """List all accounts, without their tokens, which nobody has."""
    found = _commands().accounts(_settings(data, course), database)
    if json_:
        rows = [{"name": one.name, "role": one.role, "pseudonym": one.pseudonym, "closed": one.closed} for one in found]
        print(json.dumps(rows))
        return
    table = Table("name", "role", "pseudonym", "")
    for one in found:
        table.add_row(one.name, one.role, one.pseudonym, "closed" if one.closed else "")
    OUT.print(table)


@server.command("worker")
def worker(
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    course: Course = None,
    jobs: Jobs = CORES,
    engine: EngineName = None,
    cluster: ClusterAddress = None,
    lost_after: LostAfter = 30.0,
) -> None:
    """Grade what waits, until stopped. Any number of workers share a database and a folder; one a machine is enough."""
    settings = Settings(root=_root(course), data=data.absolute(), lost_after_seconds=lost_after)
    _commands().work(settings, database, jobs=jobs, engine=engine, cluster=cluster)


@server.command("backup")
def backup(
    out: Annotated[Path, typer.Option(help="The file to write.", dir_okay=False)],
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    course: Course = None,
    json_: Json = False,
) -> None:
    """Write all of the server to one file, while it runs: tables, gradebook and uploads. Keep it as you keep the server."""
    _counted(_commands().backup(_settings(data, course), database, out), f"written to {out}", json_)


@server.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="What `grader server backup` wrote.", dir_okay=False)],
    data: Data = DEFAULT_DATA,
    database: DatabaseUrl = None,
    json_: Json = False,
) -> None:
    """Make a server of a backup, in a folder and a database that hold none; SQLite and PostgreSQL read each other's."""
    _counted(_commands().restore(file, data, database), f"restored to {data}", json_)


@server.command("migrate")
def migrate(data: Data = DEFAULT_DATA, database: DatabaseUrl = None) -> None:
    """Bring the tables up to this grader's version. Stop the server and its workers first, and make a backup."""
    before, after = _commands().migrate(data, database)
    OUT.print(f"tables of version {before} → {after}", highlight=False)


def _commands() -> Any:
    """What the commands do, which takes more packages than grading does."""
    try:
        from grader.cli import server as commands
    except ModuleNotFoundError as error:
        raise ConfigError(f"the course server needs the package {error.name}: pip install '.[server]'") from None
    return commands


def _root(course: Path | None) -> Path:
    return find_root((course or Path.cwd()).absolute())


def _settings(data: Path, course: Path | None) -> Settings:
    return Settings(root=_root(course), data=data.absolute())


def _tokens(made: Mapping[str, str], json_: bool) -> None:
    if json_:
        print(json.dumps(made))
        return
    for name, secret in made.items():
        OUT.print(f"{name}: {secret}", markup=False, highlight=False, soft_wrap=True)


def _counted(counted: Any, what: str, json_: bool) -> None:
    if json_:
        print(json.dumps({"rows": dict(counted.rows), "files": counted.files}))
        return
    rows = sum(counted.rows.values())
    OUT.print(f"{what}: {rows} rows, {counted.files} uploaded files", markup=False, highlight=False, soft_wrap=True)
