"""What was handed in, or entered for a leaderboard: accepted once, and committed before that is said.

The same bytes as a person's newest submission of the same kind are that submission: a request that is sent again because
its answer was lost makes no second one.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.server.accounts import Account
from grader.server.audit import Audit
from grader.server.database import Database
from grader.server.errors import NotFound, RateLimited
from grader.server.role import Role
from grader.server.settings import Settings
from grader.server.tables import AccountRow, SubmissionRow
from grader.server.uploads import Upload

LARGEST_ID = 2**31 - 1
SOON_SECONDS = 60.0
"""After so long it is worth trying again where somebody has too much waiting."""


class Kind(StrEnum):
    """What a submission is."""

    HAND_IN = "hand-in"
    ENTRY = "entry"


class State(StrEnum):
    """Where a submission is. `FAILED` is ours: it costs nobody anything, and staff put it into the queue again."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


WAITING = (State.QUEUED.value, State.RUNNING.value)


@dataclass(frozen=True)
class Submission:
    """A hand-in, or an entry of a leaderboard's track. `ahead` counts what is queued before it, None once it is not.

    `account` and `details` of a hand-in are for its owner's eyes and for staff's: `queries` sees to that.
    """

    id: int
    kind: Kind
    account: str
    pseudonym: str
    assignment: str
    track: str
    number: int
    file_name: str
    sha256: str
    size: int
    received_at: datetime
    state: State
    ended_at: datetime | None
    claimed_score: float | None
    score: float | None
    max_score: float | None
    reason: str
    details: Mapping[str, Any]
    ahead: int | None = None

    @property
    def name(self) -> str:
        """What the gradebook and the reports call it."""
        return f"{self.account}-{self.number}"


@dataclass(frozen=True)
class Accepted:
    """A submission that the server answers for from now on; not `new` where it did before."""

    submission: Submission
    new: bool


class Submissions:
    """Takes submissions in."""

    def __init__(self, database: Database, audit: Audit, settings: Settings) -> None:
        self._database, self._audit, self._settings = database, audit, settings

    def accept(
        self,
        account: Account,
        kind: Kind,
        assignment: str,
        track: str,
        upload: Upload,
        claimed: float | None = None,
        address: str = "",
    ) -> Accepted:
        """Put what was uploaded into the queue. `track` is empty for a hand-in.

        Raises:
            RateLimited: this person has too much waiting, or has sent more than a person may in all.
        """
        with self._database.writing() as session:
            session.get_one(AccountRow, account.id, with_for_update=True)  # one of a person's uploads after the other
            mine = select(SubmissionRow).where(SubmissionRow.account_id == account.id)
            same = mine.where(SubmissionRow.assignment == assignment, SubmissionRow.track == track)
            newest = session.scalar(same.order_by(SubmissionRow.number.desc()).limit(1))
            if newest is not None and newest.sha256 == upload.sha256:
                return Accepted(of_row(session, newest), new=False)
            self._hold(session, account, assignment, track, upload)
            row = SubmissionRow(
                kind=kind.value, account_id=account.id, assignment=assignment, track=track,
                number=newest.number + 1 if newest else 1, file_name=upload.file_name, sha256=upload.sha256,
                size=upload.size, received_at=self._audit.now(), state=State.QUEUED.value, attempts=0,
                claimed_score=claimed if claimed is not None and math.isfinite(claimed) else None, reason="", details={},
            )  # fmt: skip
            session.add(row)
            session.flush()
            where = f"{assignment}/{track}" if track else assignment
            self._audit.note(
                session, account.name, f"{kind.value} received", f"{where} #{row.number}", address=address,
                submission=row.id, sha256=upload.sha256, bytes=upload.size,
            )  # fmt: skip
            return Accepted(of_row(session, row), new=True)

    def _hold(self, session: Session, account: Account, assignment: str, track: str, upload: Upload) -> None:
        if account.role is not Role.STUDENT:
            return
        waiting = session.scalar(
            select(func.count(SubmissionRow.id)).where(
                SubmissionRow.account_id == account.id, SubmissionRow.assignment == assignment,
                SubmissionRow.track == track, SubmissionRow.state.in_(WAITING),
            )
        )  # fmt: skip
        if (waiting or 0) >= self._settings.most_waiting:
            raise RateLimited(
                f"{waiting} of yours are waiting to be graded; expected fewer than {self._settings.most_waiting}",
                SOON_SECONDS,
            )
        total = session.scalar(
            select(func.coalesce(func.sum(SubmissionRow.size), 0)).where(SubmissionRow.account_id == account.id)
        )
        if int(total or 0) + upload.size > self._settings.most_bytes_a_person:
            most = self._settings.most_bytes_a_person >> 20
            raise RateLimited(f"you have sent {most} MB in all; ask the staff for more room", SOON_SECONDS)


def of_row(session: Session, row: SubmissionRow) -> Submission:
    """A row as data, with whose it is and what is ahead of it."""
    account = session.get_one(AccountRow, row.account_id)
    ahead = None
    if row.state == State.QUEUED.value:
        before = select(func.count(SubmissionRow.id)).where(
            SubmissionRow.state == State.QUEUED.value, SubmissionRow.id < row.id
        )
        ahead = session.scalar(before)
    return Submission(
        id=row.id, kind=Kind(row.kind), account=account.name, pseudonym=account.pseudonym, assignment=row.assignment,
        track=row.track, number=row.number, file_name=row.file_name, sha256=row.sha256, size=row.size,
        received_at=row.received_at, state=State(row.state), ended_at=row.ended_at, claimed_score=row.claimed_score,
        score=row.score, max_score=row.max_score, reason=row.reason, details=row.details, ahead=ahead,
    )  # fmt: skip


def locked(session: Session, id: int) -> SubmissionRow:
    """A row that nobody else changes until the transaction ends.

    Raises:
        NotFound: there is none.
    """
    row = session.get(SubmissionRow, id, with_for_update=True) if 0 < id <= LARGEST_ID else None
    if row is None:
        raise NotFound("there is no such submission")
    return row
