"""The rows of the database: students, their experiments, what happened to these, and the bets."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from grader.database import Moment

Json = dict[str, Any]


class Row(DeclarativeBase):
    """What all tables have in common."""

    type_annotation_map = {datetime: Moment, Json: JSON, list[float | None]: JSON}  # noqa: RUF012 -- as SQLAlchemy reads it


class Course(Row):
    """One row: the version of these tables, and the salt of the hashes of keys."""

    __tablename__ = "scaling_course"
    schema: Mapped[int] = mapped_column(primary_key=True)
    salt: Mapped[str]


class Student(Row):
    """A student. The key itself is nowhere; `seed` decides what the runs of this student meet."""

    __tablename__ = "scaling_students"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    seed: Mapped[str]
    added_at: Mapped[datetime]
    deadline: Mapped[datetime | None]
    """A final deadline of their own, in place of the course's."""


class Experiment(Row):
    """A run that was submitted. `charge_seconds` is what it takes from the budget: the most it may use until it has
    ended, what it has used from then on."""

    __tablename__ = "scaling_experiments"
    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey(Student.id))
    content_id: Mapped[str] = mapped_column(String(20))
    training_config: Mapped[Json]
    n_evals: Mapped[int]
    max_runtime_seconds: Mapped[float]
    charge_seconds: Mapped[float]
    state: Mapped[str] = mapped_column(String(9))
    attempts: Mapped[int] = mapped_column(default=0)
    val_losses: Mapped[list[float | None]] = mapped_column(default=list)
    queued_at: Mapped[datetime]
    dispatched_at: Mapped[datetime | None]
    run_id: Mapped[str | None]
    worker: Mapped[str | None]
    heard_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    used_runtime_seconds: Mapped[float | None]
    reason: Mapped[Json | None]

    __table_args__ = (
        # Whoever counts wrong above, the database takes no second one of an experiment that has not failed.
        Index(
            "scaling_one_of_each", "student_id", "content_id", unique=True,
            sqlite_where=state != "failed", postgresql_where=state != "failed",
        ),
        Index("scaling_by_state", "state"),
        {"sqlite_autoincrement": True},
    )  # fmt: skip


class Event(Row):
    """What a worker, or the dispatcher, said about a run; heartbeats are not kept."""

    __tablename__ = "scaling_events"
    id: Mapped[int] = mapped_column(primary_key=True)
    experiment_id: Mapped[int] = mapped_column(ForeignKey(Experiment.id), index=True)
    at: Mapped[datetime]
    event: Mapped[Json]


class Receipt(Row):
    """An `Idempotency-Key` that was used, for which request, and what came of it."""

    __tablename__ = "scaling_receipts"
    student_id: Mapped[int] = mapped_column(ForeignKey(Student.id), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request: Mapped[str] = mapped_column(String(20))
    experiment_id: Mapped[int] = mapped_column(ForeignKey(Experiment.id))


class Bet(Row):
    """The final submission that stands for a student."""

    __tablename__ = "scaling_bets"
    student_id: Mapped[int] = mapped_column(ForeignKey(Student.id), primary_key=True)
    submission: Mapped[Json]
    submitted_at: Mapped[datetime]


class Query(Row):
    """A point of the 2024/25 loss function that a student has paid for; asking again is free."""

    __tablename__ = "scaling_queries"
    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey(Student.id))
    content_id: Mapped[str] = mapped_column(String(20))
    point: Mapped[Json]
    loss: Mapped[float]
    asked_at: Mapped[datetime]

    __table_args__ = (Index("scaling_one_of_each_point", "student_id", "content_id", unique=True),)
