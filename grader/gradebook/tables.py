"""The gradebook's tables, on SQLite or PostgreSQL."""

from datetime import datetime

from sqlalchemy import DateTime, Float, ForeignKey, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = 1


class Table(DeclarativeBase):
    """What all tables of the gradebook belong to."""


class Meta(Table):
    """One row: the version of this layout."""

    __tablename__ = "gradebook"
    schema: Mapped[int] = mapped_column(Integer, primary_key=True)


class Run(Table):
    """The outcome of one content under one key; written once, never changed.

    `problem_hashes` are those of all problems of the course then, as JSON: they tell later which to run again.
    """

    __tablename__ = "runs"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    assignment: Mapped[str] = mapped_column(String(200), index=True)
    submission_sha256: Mapped[str] = mapped_column(String(64), index=True)
    outcome: Mapped[str] = mapped_column(Text)
    problem_hashes: Mapped[str] = mapped_column(Text)
    recorded: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Handin(Table):
    """The grade that stands for one hand-in, and maybe one that is proposed in its place."""

    __tablename__ = "handins"
    assignment: Mapped[str] = mapped_column(String(200), primary_key=True)
    name: Mapped[str] = mapped_column(String(300), primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    run: Mapped[str] = mapped_column(ForeignKey("runs.key"))
    score: Mapped[float] = mapped_column(Float)
    max_score: Mapped[float] = mapped_column(Float)
    graded: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    proposed_run: Mapped[str | None] = mapped_column(ForeignKey("runs.key"))
