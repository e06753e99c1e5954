"""An open database: an SQLite file, one in memory, or PostgreSQL, behind the same two kinds of transaction.

A writing transaction in SQLite keeps all others out (`BEGIN IMMEDIATE`); in PostgreSQL it locks the rows that it reads
`for_update`. Either way what is read before a write still holds when it is written.
"""

import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from assignment3_scaling.service.errors import Unavailable
from assignment3_scaling.service.store.tables import Course, Row

SCHEMA = 1
BUSY_SECONDS = 60
"""How long one process waits for another that writes to the same SQLite file."""
CONNECTIONS = 40
"""At most this many at once; a server answers as many requests at a time."""
MAKING = 33_600
"""The number of the advisory lock of PostgreSQL under which tables are made and runs are given out."""


class AddressError(Exception):
    """The address of the database is wrong, or what is there cannot be used."""


class Database:
    """The tables at an address.

    Raises:
        AddressError: there is no such kind of database, or the tables there are of another version.
    """

    def __init__(self, address: str) -> None:
        self._engine = _connect(address)
        self.kind = self._engine.dialect.name
        self._writing = self._engine.execution_options(writing=True)
        self._write_lock = threading.RLock() if self.kind == "sqlite" else nullcontext()
        in_memory = isinstance(self._engine.pool, StaticPool)  # one connection, which two threads must not use at once
        self._read_lock = self._write_lock if in_memory else nullcontext()
        try:
            with self.writing() as session:
                self.alone(session)
                Row.metadata.create_all(session.connection())
                courses = list(session.scalars(select(Course)))
                if not courses:
                    courses = [Course(schema=SCHEMA, salt=secrets.token_hex(16))]
                    session.add_all(courses)
                schemas, self.salt = [course.schema for course in courses], courses[0].salt
        except (DBAPIError, Unavailable) as error:
            self.close()
            cause = error.__cause__ or error
            raise AddressError(f"{_public(address)}: {str(cause).strip().splitlines()[0]}") from None
        if schemas != [SCHEMA]:
            self.close()
            raise AddressError(f"{_public(address)}: its tables are of version {schemas}; expected {SCHEMA}")

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that is committed at the end of the block, or leaves nothing where the block raises.

        Raises:
            Unavailable: the database does not answer; nothing was written.
        """
        with self._write_lock, _answering(), Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that sees one state of the database.

        Raises:
            Unavailable: the database does not answer.
        """
        with self._read_lock, _answering(), Session(self._engine) as session:
            yield session

    def alone(self, session: Session) -> None:
        """Keep every other process that says so out until the end of the transaction."""
        if self.kind == "postgresql":
            session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MAKING})

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except (OperationalError, NoConnection) as error:
        raise Unavailable("the database does not answer; try again") from error


def _connect(address: str) -> Engine:
    try:
        url = make_url(address)
        if url.get_backend_name() not in ("sqlite", "postgresql"):
            raise AddressError(
                f"{_public(address)}: expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE"
            )
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        options: dict[str, Any] = {"pool_pre_ping": True, "pool_size": CONNECTIONS, "max_overflow": 10}
        if url.get_backend_name() == "sqlite":
            options = {"connect_args": {"timeout": BUSY_SECONDS, "check_same_thread": False}}
            if url.database in (None, "", ":memory:"):
                options["poolclass"] = StaticPool
            else:
                options |= {"pool_size": CONNECTIONS, "max_overflow": 10}
        engine = create_engine(url, **options)
    except (ArgumentError, NoSuchModuleError) as error:
        raise AddressError(f"{_public(address)}: {str(error).splitlines()[0]}") from None
    except ModuleNotFoundError as error:
        raise AddressError(f"{_public(address)}: needs the package {error.name}: pip install '.[scaling]'") from None
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _careful)
        event.listen(engine, "begin", _begin)
    return engine


def _careful(connection: Any, record: object) -> None:
    """Readers beside one writer, foreign keys held, and what was committed is on the disk."""
    connection.isolation_level = None  # sqlite3 begins no transactions of its own: `_begin` does
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
            return
        except sqlite3.OperationalError:  # for this one it does not wait, whatever its time-out
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _public(address: str) -> str:
    """The address without its password."""
    try:
        return make_url(address).render_as_string(hide_password=True)
    except ArgumentError:
        return address
