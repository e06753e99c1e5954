"""The gradebook: outcomes by their key, and the grade that stands for each hand-in.

Everything is written in one transaction each, so that a killed run leaves either all of a hand-in or nothing. An
outcome with an error of ours in it is never kept: it is graded again, and overwrites no score.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import OperationalError
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url, select
from sqlalchemy.dialects.postgresql import insert as insert_in_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_in_sqlite
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError
from sqlalchemy.orm import Session

from grader.errors import ConfigError
from grader.gradebook.tables import SCHEMA, Handin, Meta, Run, Table
from grader.outcome import HandinOutcome, Verdict
from grader.scoring import HandinScore

INSERT = {"sqlite": insert_in_sqlite, "postgresql": insert_in_postgresql}
ALONE = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(336)"}
"""How one grader keeps the others waiting while it makes the tables: looking and making are two steps."""
BUSY_SECONDS = 60
"""How long one grader waits for another that writes to the same file."""


@dataclass(frozen=True)
class Entry:
    """What stands in the book for a hand-in. `proposed` is an outcome that may take the place of `outcome`."""

    name: str
    source: Path
    outcome: HandinOutcome
    problem_hashes: Mapping[str, str]
    score: float
    max_score: float
    proposed: HandinOutcome | None


class Gradebook:
    """An open gradebook.

    Raises:
        ConfigError: the address is wrong, or the database cannot be used.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._engine = _connect(address)
        try:
            with self._engine.begin() as connection:
                connection.exec_driver_sql(ALONE[self._engine.dialect.name])
                Table.metadata.create_all(connection)
                connection.execute(self._insert(Meta).values(schema=SCHEMA).on_conflict_do_nothing())
            with Session(self._engine) as session:
                schemas = list(session.scalars(select(Meta.schema)))
        except DatabaseError as error:
            self.close()
            raise ConfigError(f"gradebook {_public(address)}: {_first_line(error)}") from None
        if schemas != [SCHEMA]:
            self.close()
            raise ConfigError(f"gradebook {_public(address)}: of schema {schemas}; this grader writes {SCHEMA}")

    @classmethod
    def in_folder(cls, folder: Path) -> "Gradebook":
        """The gradebook in the file `gradebook.sqlite` of a folder, which is made if need be."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(f"sqlite:///{folder.absolute() / 'gradebook.sqlite'}")

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def find(self, key: str) -> HandinOutcome | None:
        """The outcome kept under `key`."""
        with Session(self._engine) as session:
            run = session.get(Run, key)
            return _outcome(run) if run else None

    def keep(self, key: str, outcome: HandinOutcome, problem_hashes: Mapping[str, str]) -> bool:
        """Keep an outcome; False, and nothing kept, where an error of ours is in it. What is kept already stays."""
        if any(test.verdict is Verdict.GRADER_ERROR for test in outcome.tests):
            return False
        with Session(self._engine) as session, session.begin():
            self._put(session, key, outcome, problem_hashes)
        return True

    def enter(self, key: str, score: HandinScore, problem_hashes: Mapping[str, str], source: Path) -> bool:
        """Keep an outcome and make it the grade of its hand-in, in one step; False as `keep`."""
        outcome = score.outcome
        if any(test.verdict is Verdict.GRADER_ERROR for test in outcome.tests):
            return False
        with Session(self._engine) as session, session.begin():
            self._put(session, key, outcome, problem_hashes)
            values = {
                "source": str(source), "run": key, "score": score.score, "max_score": score.max_score,
                "graded": datetime.now(UTC), "proposed_run": None,
            }  # fmt: skip
            entry = self._insert(Handin).values(assignment=outcome.assignment, name=outcome.submission, **values)
            session.execute(entry.on_conflict_do_update(index_elements=["assignment", "name"], set_=values))
        return True

    def propose(self, key: str, outcome: HandinOutcome, problem_hashes: Mapping[str, str]) -> bool:
        """Keep an outcome beside the one that stands for its hand-in; False as `keep`."""
        if any(test.verdict is Verdict.GRADER_ERROR for test in outcome.tests):
            return False
        with Session(self._engine) as session, session.begin():
            self._put(session, key, outcome, problem_hashes)
            entry = session.get_one(Handin, (outcome.assignment, outcome.submission))
            entry.proposed_run = None if entry.run == key else key
        return True

    def entries(self, assignment: str) -> Iterator[Entry]:
        """What stands in the book for an assignment, by name, read one at a time."""
        with Session(self._engine) as session:
            chosen = select(Handin.name).where(Handin.assignment == assignment).order_by(Handin.name)
            names = list(session.scalars(chosen))
        for name in names:
            with Session(self._engine) as session:
                handin = session.get_one(Handin, (assignment, name))
                run = session.get_one(Run, handin.run)
                proposed = session.get(Run, handin.proposed_run) if handin.proposed_run else None
                yield Entry(
                    name=name,
                    source=Path(handin.source),
                    outcome=replace(_outcome(run), submission=name),
                    problem_hashes=json.loads(run.problem_hashes),
                    score=handin.score,
                    max_score=handin.max_score,
                    proposed=replace(_outcome(proposed), submission=name) if proposed else None,
                )

    def apply(self, score: HandinScore) -> None:
        """Make the proposed outcome of a hand-in its grade, or, where none is proposed, give it these points."""
        outcome = score.outcome
        with Session(self._engine) as session, session.begin():
            handin = session.get_one(Handin, (outcome.assignment, outcome.submission))
            handin.run = handin.proposed_run or handin.run
            handin.proposed_run = None
            handin.score, handin.max_score = score.score, score.max_score
            handin.graded = datetime.now(UTC)

    def _put(self, session: Session, key: str, outcome: HandinOutcome, problem_hashes: Mapping[str, str]) -> None:
        row = self._insert(Run).values(
            key=key,
            assignment=outcome.assignment,
            submission_sha256=outcome.submission_sha256,
            outcome=json.dumps(outcome.to_json()),
            problem_hashes=json.dumps(dict(problem_hashes)),
            recorded=datetime.now(UTC),
        )
        session.execute(row.on_conflict_do_nothing())

    def _insert(self, table: type[Table]) -> Any:
        return INSERT[self._engine.dialect.name](table)


def _outcome(run: Run) -> HandinOutcome:
    return HandinOutcome.from_json(json.loads(run.outcome))


def _connect(address: str) -> Engine:
    try:
        url = make_url(address)
        if url.get_backend_name() not in INSERT:
            raise ConfigError(
                f"gradebook {_public(address)}: expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE"
            )
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        engine = create_engine(url, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigError(f"gradebook {_public(address)}: {_first_line(error)}") from None
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"gradebook {_public(address)}: needs the package {error.name}: pip install '.[server]'"
        ) from None
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _careful)
    return engine


def _careful(connection: Any, record: object) -> None:
    """SQLite: readers and one writer at a time, each commit on the disk before it counts."""
    cursor = connection.cursor()
    for pragma in (f"busy_timeout = {BUSY_SECONDS * 1000}", "synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            break
        except OperationalError:  # SQLite doesn't wait here, whatever its time-out, while another makes the file
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
    cursor.close()


def _public(address: str) -> str:
    """The address without its password."""
    try:
        return make_url(address).render_as_string(hide_password=True)
    except ArgumentError:
        return repr(address.partition("@")[2] or address)


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]
