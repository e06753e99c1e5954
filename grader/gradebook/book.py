"""The gradebook: outcomes by their key, and the grade that stands for each hand-in.

Everything is written in one transaction each, so that a killed run leaves either all of a hand-in or nothing. An
outcome with an error of ours in it is never kept: it is graded again, and overwrites no score.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as insert_in_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_in_sqlite
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from grader.database import connect, first_line, public
from grader.errors import ConfigError
from grader.gradebook.tables import SCHEMA, Handin, Meta, Run, Table
from grader.outcome import HandinOutcome, Verdict
from grader.scoring import HandinScore

INSERT = {"sqlite": insert_in_sqlite, "postgresql": insert_in_postgresql}
ALONE = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(336)"}
"""How one grader keeps the others waiting while it makes the tables: looking and making are two steps."""
CONNECTIONS = 5


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


@dataclass(frozen=True)
class Standing:
    """What stands in the book for a hand-in, by the keys of its outcomes alone: quick to look up for a whole class."""

    run: str
    proposed_run: str | None
    score: float
    max_score: float


class Gradebook:
    """An open gradebook.

    Raises:
        ConfigError: the address is wrong, or the database cannot be used.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._engine = connect(address, what="gradebook ", extra="server", connections=CONNECTIONS)
        try:
            with self._engine.begin() as connection:
                connection.exec_driver_sql(ALONE[self._engine.dialect.name])
                Table.metadata.create_all(connection)
                connection.execute(self._insert(Meta).values(schema=SCHEMA).on_conflict_do_nothing())
            with Session(self._engine) as session:
                schemas = list(session.scalars(select(Meta.schema)))
        except DatabaseError as error:
            self.close()
            raise ConfigError(f"gradebook {public(address)}: {first_line(error)}") from None
        if schemas != [SCHEMA]:
            self.close()
            raise ConfigError(f"gradebook {public(address)}: of schema {schemas}; this grader writes {SCHEMA}")

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
            found = self.entry(assignment, name)
            if found is not None:
                yield found

    def entry(self, assignment: str, name: str) -> Entry | None:
        """What stands in the book for one hand-in."""
        with Session(self._engine) as session:
            handin = session.get(Handin, (assignment, name))
            if handin is None:
                return None
            run = session.get_one(Run, handin.run)
            proposed = session.get(Run, handin.proposed_run) if handin.proposed_run else None
            return Entry(
                name=name,
                source=Path(handin.source),
                outcome=replace(_outcome(run), submission=name),
                problem_hashes=json.loads(run.problem_hashes),
                score=handin.score,
                max_score=handin.max_score,
                proposed=replace(_outcome(proposed), submission=name) if proposed else None,
            )

    def standings(self, assignment: str) -> Mapping[str, Standing]:
        """What stands in the book for an assignment, by name."""
        columns = (Handin.name, Handin.run, Handin.proposed_run, Handin.score, Handin.max_score)
        with Session(self._engine) as session:
            rows = session.execute(select(*columns).where(Handin.assignment == assignment))
            return {name: Standing(run, proposed, score, most) for name, run, proposed, score, most in rows}

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
