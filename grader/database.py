"""Databases as the gradebook, the course server and the scaling service open them: an SQLite file, one in memory, PostgreSQL.

Addresses are `sqlite:///FILE` and `postgresql://USER:PASSWORD@HOST/DATABASE`; no message shows a password. What is committed
is on the disk. Not covered: which tables there are, and of which version.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, Engine, TypeDecorator, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from grader.errors import ConfigError

BUSY_SECONDS = 60
"""How long one process waits for another that writes to the same SQLite file."""
CONNECTIONS, MORE_CONNECTIONS = 40, 10
"""At most this many at once; a server answers as many requests at a time."""


class AddressError(ConfigError):
    """The address of the database is wrong, or what is there cannot be used."""


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no time zone, and what it gives back gets it again."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC, on the way in."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """In UTC, on the way out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Transactions:
    """A database behind two kinds of transaction. `unavailable` is what is raised while it does not answer.

    A writing transaction in SQLite keeps all others out (`BEGIN IMMEDIATE`); in PostgreSQL it locks the rows that it reads
    `for_update`. Either way what was read before a write still holds when it is written.

    Raises:
        AddressError: as `connect`, whose arguments `what`, `extra` and `in_memory` are.
    """

    def __init__(
        self, address: str, unavailable: type[Exception], what: str, extra: str, in_memory: bool = False
    ) -> None:
        self.address = address
        self._unavailable = unavailable
        self._engine = connect(address, what, extra, in_memory)
        self.kind = self._engine.dialect.name
        if self.kind == "sqlite":
            event.listen(self._engine, "connect", _no_transactions_of_its_own)
            event.listen(self._engine, "begin", _begin)
        self._writing = self._engine.execution_options(writing=True)
        self._write_lock = threading.RLock() if self.kind == "sqlite" else nullcontext()
        alone = isinstance(self._engine.pool, StaticPool)  # one connection, which two threads must not use at once
        self._read_lock = self._write_lock if alone else nullcontext()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that is committed at the end of the block, or leaves nothing where the block raises.

        Raises:
            Exception: `unavailable`: the database does not answer; nothing was written.
        """
        with (
            self._write_lock,
            self._answering(),
            Session(self._writing, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that sees one state of the database.

        Raises:
            Exception: `unavailable`: the database does not answer.
        """
        with self._read_lock, self._answering(), Session(self._engine) as session:
            if self.kind == "postgresql":
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield session

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except (OperationalError, NoConnection) as error:
            raise self._unavailable("the database does not answer; try again") from error


def connect(address: str, what: str, extra: str, in_memory: bool = False, connections: int = CONNECTIONS) -> Engine:
    """An engine for an address. `what` begins each message, and `extra` is the group of packages that has the driver.

    Raises:
        AddressError: there is no such kind of database, or no driver for it. Whether it answers is seen when it is used.
    """
    where = f"{what}{public(address)}"
    try:
        url = make_url(address)
        kind, nowhere = url.get_backend_name(), url.database in (None, "", ":memory:")
        if kind not in ("sqlite", "postgresql") or (nowhere and not (in_memory and kind == "sqlite")):
            raise AddressError(f"{where}: expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE")
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        options: dict[str, Any] = {"pool_size": connections, "max_overflow": MORE_CONNECTIONS}
        if nowhere:
            options = {"poolclass": StaticPool}
        if kind == "sqlite":
            options["connect_args"] = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        else:
            options["pool_pre_ping"] = True
        engine = create_engine(url, **options)
    except (ArgumentError, NoSuchModuleError) as error:
        raise AddressError(f"{where}: {first_line(error)}") from None
    except ModuleNotFoundError as error:
        raise AddressError(f"{where}: needs the package {error.name}: pip install '.[{extra}]'") from None
    if kind == "sqlite":
        event.listen(engine, "connect", _careful)
    return engine


def public(address: str) -> str:
    """The address without its password."""
    try:
        return make_url(address).render_as_string(hide_password=True)
    except ArgumentError:
        return repr(address.partition("@")[2] or address)


def first_line(error: Exception) -> str:
    """What a driver says, without what SQLAlchemy puts around it."""
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]


def _careful(connection: Any, record: object) -> None:
    """Readers beside one writer, foreign keys held, and what was committed is on the disk."""
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
            return
        except sqlite3.OperationalError as error:  # where it is only busy, it does not wait, whatever its time-out
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _no_transactions_of_its_own(connection: Any, record: object) -> None:
    connection.isolation_level = None  # sqlite3's would begin with the first write; `_begin` makes them


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
