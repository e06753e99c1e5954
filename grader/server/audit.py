"""The audit log: who changed what, when and from where, written in the transaction of the change itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.report.text import line
from grader.server.database import Database
from grader.server.settings import Clock
from grader.server.tables import AuditRow


@dataclass(frozen=True)
class Deed:
    """One line of the log. `actor` is an account's name, a worker's, or that of a command."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    address: str


class Audit:
    """Writes the log and reads it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def now(self) -> datetime:
        """The moment that would be written now."""
        return self._clock()

    def note(
        self, session: Session, actor: str, action: str, subject: str, *, address: str = "", **detail: Any
    ) -> None:
        """Enter what `session` changes."""
        session.add(
            AuditRow(
                at=self._clock(), actor=line(actor), action=action, subject=line(subject, 300), detail=detail,
                address=line(address, 100),
            )
        )  # fmt: skip

    def deeds(self, *, before: int | None = None, limit: int = 200) -> Sequence[Deed]:
        """The log, the latest first; `before` the id of one that was read already."""
        chosen = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
        if before is not None:
            chosen = chosen.where(AuditRow.id < before)
        with self._database.reading() as session:
            return [
                Deed(row.id, row.at, row.actor, row.action, row.subject, row.detail, row.address)
                for row in session.scalars(chosen)
            ]
