"""The students of a course: who they are, their keys, and what is their own."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from assignment3_scaling.service.clock import Clock
from assignment3_scaling.service.errors import Unauthorized
from assignment3_scaling.service.keys import draw_key, hash_key
from assignment3_scaling.service.store import Database
from assignment3_scaling.service.store.tables import Student

LONGEST_NAME = 200


class StudentError(Exception):
    """There is no student of that name, or there is one already."""


@dataclass(frozen=True)
class Enrolled:
    """A student, and their key at the one moment when it is known."""

    id: int
    name: str
    seed: str
    key: str


@dataclass(frozen=True)
class Listed:
    """A student as the instructor sees them."""

    id: int
    name: str
    seed: str
    added_at: datetime
    deadline: datetime | None


class Registry:
    """The students of one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def add(self, name: str, *, seed: str | int | None = None, digits: bool = False) -> Enrolled:
        """A new student with a random key; without a `seed`, with a random one, too.

        Raises:
            StudentError: the name is taken, empty, or longer than 200 characters.
        """
        if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
            raise StudentError(f"{name!r} is no name: expected 1 to {LONGEST_NAME} printable characters")
        with self._database.writing() as session:
            self._database.alone(session)
            if session.scalar(select(Student.id).where(Student.name == name)) is not None:
                raise StudentError(f"there is a student {name} already")
            key, hashed = self._new_key(session, digits)
            own_seed = secrets.token_hex(8) if seed is None else str(seed)
            row = Student(name=name, key_hash=hashed, seed=own_seed, added_at=self._clock())
            session.add(row)
            session.flush()
            return Enrolled(row.id, name, own_seed, key)

    def renew_key(self, name: str, *, digits: bool = False) -> str:
        """Another key; the old one is worth nothing from then on. Raises StudentError."""
        with self._database.writing() as session:
            self._database.alone(session)
            key, hashed = self._new_key(session, digits)
            _named(session, name).key_hash = hashed
            return key

    def extend(self, name: str, deadline: datetime | None) -> None:
        """Give a student a final deadline of their own; None takes it back. Raises StudentError."""
        with self._database.writing() as session:
            _named(session, name).deadline = deadline

    def list(self) -> list[Listed]:
        """All students, in the order they were added."""
        with self._database.reading() as session:
            rows = session.scalars(select(Student).order_by(Student.id))
            return [Listed(row.id, row.name, row.seed, row.added_at, row.deadline) for row in rows]

    def find(self, name: str) -> Listed:
        """One student. Raises StudentError."""
        with self._database.reading() as session:
            row = _named(session, name)
            return Listed(row.id, row.name, row.seed, row.added_at, row.deadline)

    def authenticate(self, key: str | None) -> int:
        """The number of the student whose key this is.

        Raises:
            Unauthorized: there is no key, or it is nobody's.
        """
        if not key:
            raise Unauthorized("missing X-API-Key")
        hashed = hash_key(key, self._database.salt)
        with self._database.reading() as session:
            student = session.scalar(select(Student.id).where(Student.key_hash == hashed))
        if student is None:
            raise Unauthorized("invalid API key")
        return student

    def _new_key(self, session: Session, digits: bool) -> tuple[str, str]:
        while True:
            key = draw_key(digits=digits)
            hashed = hash_key(key, self._database.salt)
            if session.scalar(select(Student.id).where(Student.key_hash == hashed)) is None:
                return key, hashed


def _named(session: Session, name: str) -> Student:
    row = session.scalar(select(Student).where(Student.name == name))
    if row is None:
        raise StudentError(f"there is no student {name}")
    return row
