"""The queue: what waits, who works on it, and what came of it. It is the table of submissions, so that it outlives
whoever reads it.

A claim is a row's state and its worker's name, committed before the work begins. Whoever is not heard of any more loses
its claims: the work is given out again, alone from then on, so that what kills one worker takes nothing with it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, tuple_, update

from grader.report.text import line
from grader.server import uploads
from grader.server.accounts import Account
from grader.server.audit import Audit
from grader.server.database import Database
from grader.server.errors import Conflict
from grader.server.settings import Settings
from grader.server.submissions import Kind, State, locked, of_row
from grader.server.tables import SubmissionRow, WorkerRow

LONGEST_REASON = 1000


@dataclass(frozen=True)
class Claimed:
    """One submission to work on. `name` is what the gradebook calls it."""

    id: int
    name: str
    path: Path


@dataclass(frozen=True)
class Claim:
    """Work for one worker: hand-ins of one assignment, or one entry of a track."""

    kind: Kind
    assignment: str
    track: str
    items: Sequence[Claimed]


@dataclass(frozen=True)
class Result:
    """What came of a submission."""

    state: State
    score: float | None = None
    max_score: float | None = None
    reason: str = ""
    details: Mapping[str, Any] | None = None
    claimed: float | None = None
    """What an entry's own file says its score is; it takes the place of what was said when it was sent."""


class Queue:
    """Gives work out, and takes results in."""

    def __init__(self, database: Database, audit: Audit, settings: Settings) -> None:
        self._database, self._audit, self._settings = database, audit, settings

    def claim(self, worker: str, most: int, beyond: Collection[tuple[str, str]] = ()) -> Claim | None:
        """The oldest work that waits, for this worker alone; at most so many hand-ins at once. None where none waits.

        Entries of the tracks `beyond`, each an assignment and a track, go on waiting for a worker with what they need.
        """
        waiting = select(SubmissionRow).where(SubmissionRow.state == State.QUEUED.value).order_by(SubmissionRow.id)
        if beyond:
            waiting = waiting.where(tuple_(SubmissionRow.assignment, SubmissionRow.track).not_in(sorted(beyond)))
        with self._database.writing() as session:
            first = session.scalar(waiting.limit(1).with_for_update(skip_locked=True))
            if first is None:
                return None
            rows = [first]
            if first.kind == Kind.HAND_IN.value and first.attempts == 0 and most > 1:
                alike = waiting.where(
                    SubmissionRow.kind == first.kind, SubmissionRow.assignment == first.assignment,
                    SubmissionRow.attempts == 0, SubmissionRow.id > first.id,
                )  # fmt: skip
                rows += session.scalars(alike.limit(most - 1).with_for_update(skip_locked=True))
            items = []
            for row in rows:
                row.state, row.worker, row.heard_at = State.RUNNING.value, worker, self._audit.now()
                row.attempts += 1
                name = of_row(session, row).name
                path = uploads.path_of(self._settings.uploads, row.sha256, row.file_name)
                items.append(Claimed(row.id, name, path))
            return Claim(Kind(first.kind), first.assignment, first.track, items)

    def heard(self, worker: str) -> None:
        """The worker lives, and is at work on what it has claimed."""
        now = self._audit.now()
        mine = (SubmissionRow.state == State.RUNNING.value, SubmissionRow.worker == worker)
        with self._database.writing() as session:
            session.execute(update(SubmissionRow).where(*mine).values(heard_at=now))
            row = session.get(WorkerRow, worker)
            if row is None:
                session.add(WorkerRow(name=worker, started_at=now, heard_at=now))
            else:
                row.heard_at = now

    def finish(self, worker: str, id: int, result: Result) -> bool:
        """Enter what came of a claim; False, and nothing is entered, where it was taken back meanwhile."""
        with self._database.writing() as session:
            row = locked(session, id)
            if row.state != State.RUNNING.value or row.worker != worker:
                return False
            row.state, row.ended_at, row.worker, row.heard_at = result.state.value, self._audit.now(), None, None
            row.score, row.max_score = result.score, result.max_score
            if result.claimed is not None:
                row.claimed_score = result.claimed
            row.reason, row.details = line(result.reason, LONGEST_REASON), dict(result.details or {})
            self._audit.note(
                session, worker, f"{row.kind} {row.state}", of_row(session, row).name, submission=id, score=row.score
            )
            return True

    def give_back(self, worker: str) -> int:
        """What a worker has claimed waits again, as if it had never been claimed; says how much that is."""
        mine = (SubmissionRow.state == State.RUNNING.value, SubmissionRow.worker == worker)
        with self._database.writing() as session:
            found = list(session.scalars(select(SubmissionRow).where(*mine).with_for_update()))
            for row in found:
                row.state, row.worker, row.heard_at = State.QUEUED.value, None, None
                row.attempts -= 1
            session.execute(delete(WorkerRow).where(WorkerRow.name == worker))
            return len(found)

    def take_back(self) -> int:
        """What workers that are not heard of had claimed waits again, or has failed where it was tried too often; says
        how much that is."""
        lost = self._audit.now() - timedelta(seconds=self._settings.lost_after_seconds)
        silent = (SubmissionRow.state == State.RUNNING.value, SubmissionRow.heard_at < lost)
        with self._database.reading() as session:  # mostly there is none, and nobody need wait for this one to look
            if session.scalar(select(SubmissionRow.id).where(*silent).limit(1)) is None:
                return 0
        with self._database.writing() as session:
            found = list(session.scalars(select(SubmissionRow).where(*silent).with_for_update(skip_locked=True)))
            for row in found:
                name, worker, row.worker, row.heard_at = of_row(session, row).name, row.worker, None, None
                if row.attempts < self._settings.most_attempts:
                    row.state = State.QUEUED.value
                else:
                    row.state, row.ended_at = State.FAILED.value, self._audit.now()
                    row.reason = f"an error of the grader: {row.attempts} workers died while they graded it"
                self._audit.note(
                    session, "queue", f"{row.kind} {row.state} again", name, submission=row.id, worker=worker
                )
            session.execute(delete(WorkerRow).where(WorkerRow.heard_at < lost))
            return len(found)

    def again(self, staff: Account, id: int, address: str = "") -> None:
        """Put what has failed by our fault into the queue again.

        Raises:
            NotFound: there is no such submission. Conflict: it has not failed.
        """
        with self._database.writing() as session:
            row = locked(session, id)
            if row.state != State.FAILED.value:
                raise Conflict(f"submission {id} is {row.state}; expected one that has failed")
            row.state, row.attempts, row.ended_at, row.reason = State.QUEUED.value, 0, None, ""
            self._audit.note(
                session, staff.name, f"{row.kind} queued again", of_row(session, row).name, address=address
            )
