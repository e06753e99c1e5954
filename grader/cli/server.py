"""What the commands of the server do; `grader.cli.serve` says what they are called and what they take.

They are apart because of what they import: who only grades need not have installed a web server.
"""

import csv
import io
import multiprocessing
import os
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path

from grader.cli.console import ERRORS, OUT
from grader.course import roster as rosters
from grader.errors import ConfigError
from grader.report.files import replace
from grader.server import backup as backups
from grader.server import office as offices
from grader.server import worker as workers
from grader.server.accounts import Account
from grader.server.app import create_app
from grader.server.backup import Counted
from grader.server.database import Database
from grader.server.office import Office, default_address
from grader.server.role import Role
from grader.server.serving import listen, request_log
from grader.server.serving import serve as serve_app
from grader.server.settings import Settings

ACTOR = "command line"
STOP_SECONDS, AGAIN_SECONDS = 10.0, 5.0


def serve(
    settings: Settings,
    database: str | None,
    *,
    host: str,
    port: int,
    log: Path | None,
    worker: bool,
    jobs: int,
    engine: str | None,
    cluster: str | None,
) -> None:
    """Answer requests until stopped, and grade meanwhile where a `worker` is wanted.

    Raises:
        ConfigError: the folder, the database or the port cannot be used.
    """
    with closing(Office(settings, database)) as office:
        app = create_app(office, request_log(log))
        listening = listen(host, port)
        with closing(listening):
            shown, number = listening.getsockname()[:2]

            def ready() -> None:
                OUT.print(f"listening on http://{shown}:{number}", highlight=False)

            if not worker:
                serve_app(app, listening, ready, behind_proxy=settings.https)
                return
            with _Supervised(settings, database, jobs, engine, cluster):
                serve_app(app, listening, ready, behind_proxy=settings.https)


def work(settings: Settings, database: str | None, *, jobs: int, engine: str | None, cluster: str | None) -> None:
    """Grade what waits, until stopped."""
    workers.run(
        settings, database, jobs=jobs, engine=engine, cluster=cluster,
        ready=lambda name: OUT.print(f"working as {name}", highlight=False),
    )  # fmt: skip


def init(settings: Settings, database: str | None, instructor: str) -> Mapping[str, str]:
    """Make a server with one account; gives its token.

    Raises:
        ConfigError: it is made already, or cannot be.
    """
    offices.begin(settings.data, database)
    with closing(Office(settings, database)) as office:
        if any(account.name == instructor for account in office.accounts.list()):
            raise ConfigError(
                f"{settings.data}: holds a server already; `grader server token {instructor}` makes another token"
            )
        return {instructor: office.accounts.add(instructor, Role.INSTRUCTOR, actor=ACTOR)}


def tokens(
    settings: Settings, database: str | None, names: Sequence[str], role: Role, roster: Path | None, out: Path | None
) -> Mapping[str, str]:
    """Make a token for each name, and write them to `out`, where it is given, for nobody else to read.

    Raises:
        ConfigError: no name, or one that cannot be given; or `out` is there already.
    """
    wanted = [*names, *(rosters.read(roster).students if roster else ())]
    if not wanted:
        raise ConfigError("no name was given; expected one or more, or --roster FILE")
    if out is not None and out.exists():
        raise ConfigError(f"{out}: is there already; expected a new file")
    with closing(Office(settings, database)) as office:
        made = {name: office.accounts.add(name, role, actor=ACTOR) for name in wanted}
    if out is not None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([("name", "token"), *made.items()])
        before = os.umask(0o077)
        try:
            replace(out, text.getvalue())
        finally:
            os.umask(before)
    return made


def revoke(settings: Settings, database: str | None, name: str, *, close: bool) -> int:
    """End all tokens and sessions of an account, and say how many tokens there were."""
    with closing(Office(settings, database)) as office:
        return office.accounts.revoke(name, close=close, actor=ACTOR)


def accounts(settings: Settings, database: str | None) -> Sequence[Account]:
    """All accounts."""
    with closing(Office(settings, database)) as office:
        return office.accounts.list()


def backup(settings: Settings, database: str | None, out: Path) -> Counted:
    """Write a backup."""
    with closing(Office(settings, database)) as office:
        return backups.write(office, out)


def restore(file: Path, data: Path, database: str | None) -> Counted:
    """Make a server of a backup."""
    return backups.restore(file, data, database)


def migrate(data: Path, database: str | None) -> tuple[str, str | None]:
    """Bring the tables up to this grader's version; gives the one before and the one after.

    Raises:
        ConfigError: there is no server.
    """
    if not data.is_dir():
        raise ConfigError(f"{data}: there is no such folder; `grader server init` makes a server")
    with closing(Database(database or default_address(data))) as opened:
        before = opened.version()
        if before is None:
            raise ConfigError(f"{data}: its database holds no course server; `grader server init` makes one")
        opened.migrate()
        return before, opened.version()


class _Supervised:
    """A worker in a process of its own, started again where it dies, ended with the block."""

    def __init__(
        self, settings: Settings, database: str | None, jobs: int, engine: str | None, cluster: str | None
    ) -> None:
        self._options = {"jobs": jobs, "engine": engine, "cluster": cluster, "parent": os.getpid()}
        self._arguments = (settings, database)
        self._ended = threading.Event()
        self._process = self._started()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._process.terminate()
        self._process.join(STOP_SECONDS)
        if self._process.is_alive():  # in the middle of hand-ins: they wait again once it is not heard of any more
            self._process.kill()
            self._process.join()

    def _started(self) -> multiprocessing.process.BaseProcess:
        process = multiprocessing.get_context("spawn").Process(
            target=workers.run, args=self._arguments, kwargs=self._options
        )
        process.start()
        return process

    def _watch(self) -> None:
        while not self._ended.is_set():
            self._process.join(1.0)
            if self._process.is_alive() or self._ended.wait(AGAIN_SECONDS):
                continue
            ERRORS.print(f"the worker ended with {self._process.exitcode}; starting another", style="yellow")
            with suppress(OSError):
                self._process = self._started()
