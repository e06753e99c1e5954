"""The rows of the server's tables. `migrations/` makes them; a test holds the two together.

No token and no cookie is kept, only its SHA-256: both are 256 random bits, so that nothing slower is needed.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, MetaData, String, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from grader.database import Moment

Json = dict[str, Any]
PREFIX = "server_"
"""How the names of all these tables begin: the gradebook's lie in the same database."""


class Row(DeclarativeBase):
    """What all tables have in common."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
        }
    )
    type_annotation_map = {datetime: Moment, Json: JSON}  # noqa: RUF012 -- as SQLAlchemy reads it


class CourseRow(Row):
    """One row: the seed from which the inputs of graded runs are drawn. It is for staff alone."""

    __tablename__ = "server_course"
    id: Mapped[int] = mapped_column(primary_key=True)
    seed: Mapped[int]
    created_at: Mapped[datetime]


class AccountRow(Row):
    """A person. `name` is staff's and never public; `pseudonym` is the person's own choice; `pseudonym_key` is it folded."""

    __tablename__ = "server_accounts"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(10))
    pseudonym: Mapped[str] = mapped_column(String(32))
    pseudonym_key: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class TokenRow(Row):
    """What lets a person in."""

    __tablename__ = "server_tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(AccountRow.id), index=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SessionRow(Row):
    """A browser that is logged in. `csrf` stands in each of its forms."""

    __tablename__ = "server_sessions"
    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    token_id: Mapped[int] = mapped_column(ForeignKey(TokenRow.id))
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SubmissionRow(Row):
    """A hand-in, or an entry of a leaderboard's track, from its arrival to its result.

    `number` counts from 1 for each person, assignment and track. `reason` says in one line why it was refused, or what of
    ours went wrong. `worker` and `heard_at` are of whoever is at work on it.
    """

    __tablename__ = "server_submissions"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(7))
    account_id: Mapped[int] = mapped_column(ForeignKey(AccountRow.id))
    assignment: Mapped[str] = mapped_column(String(200))
    track: Mapped[str] = mapped_column(String(100))
    number: Mapped[int]
    file_name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(7))
    attempts: Mapped[int]
    worker: Mapped[str | None] = mapped_column(String(200))
    heard_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    claimed_score: Mapped[float | None]
    score: Mapped[float | None]
    max_score: Mapped[float | None]
    reason: Mapped[str] = mapped_column(Text)
    details: Mapped[Json]

    __table_args__ = (
        # Whatever is counted wrong above, the database takes no second one of a number.
        Unique("account_id", "assignment", "track", "number", name="one_of_each_number"),
        Index("ix_server_submissions_waiting", "state", "id"),
        Index("ix_server_submissions_of_track", "assignment", "track", "state"),
        {"sqlite_autoincrement": True},
    )


class WorkerRow(Row):
    """A worker, and when it was heard of last."""

    __tablename__ = "server_workers"
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    started_at: Mapped[datetime]
    heard_at: Mapped[datetime]


class AuditRow(Row):
    """Something that somebody changed. Never changed itself, never deleted."""

    __tablename__ = "server_audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(300))
    detail: Mapped[Json]
    address: Mapped[str] = mapped_column(String(100))
