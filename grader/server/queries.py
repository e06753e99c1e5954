"""What a person may see, as plain data: students their own, staff everything, anybody the leaderboards.

What somebody may not see is answered as what is not there.
"""

import bisect
import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader import assignment as assignments
from grader.export.audience import for_student
from grader.export.folder import Handin
from grader.findings import Finding
from grader.leaderboard import track as tracks
from grader.leaderboard.track import Track
from grader.report import write_class, write_handin
from grader.report.document import integrity_of
from grader.scoring import HandinScore
from grader.server import boards
from grader.server.accounts import Account
from grader.server.boards import Board, BoardRow
from grader.server.database import Database
from grader.server.errors import NotFound
from grader.server.scores import Scores
from grader.server.settings import Settings
from grader.server.submissions import LARGEST_ID, WAITING, Kind, State, Submission
from grader.server.tables import AccountRow, SubmissionRow, WorkerRow


@dataclass(frozen=True)
class QueueState:
    """The queue at a glance; `oldest` is when what waits longest was sent."""

    queued: int
    running: int
    failed: int
    oldest: datetime | None
    workers: tuple[str, ...]


@dataclass(frozen=True)
class Noticed:
    """A hand-in about which something was noticed that no homework needs to do: a reason to read it, no proof."""

    submission: Submission
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Regraded:
    """A hand-in whose points would be others if what `grader regrade` proposes were applied."""

    name: str
    old: float
    old_max: float
    new: float
    new_max: float


@dataclass(frozen=True)
class EntryPage:
    """One entry of a leaderboard. `others` are the same person's of the same track."""

    row: BoardRow
    assignment: str
    track: Track
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    measurements: Mapping[str, float]
    others: tuple[BoardRow, ...]


class Queries:
    """Looks things up, and changes nothing."""

    def __init__(self, database: Database, scores: Scores, settings: Settings) -> None:
        self._database, self._scores, self._settings = database, scores, settings

    def assignments(self) -> list[str]:
        """The course's assignments."""
        return assignments.names(self._settings.root)

    def known(self, assignment: str) -> str:
        """The assignment of that name.

        Raises:
            NotFound: there is none.
        """
        if assignment not in self.assignments():
            raise NotFound(f"this course has no such assignment; it has {', '.join(self.assignments())}")
        return assignment

    def submission(self, viewer: Account, id: int) -> Submission:
        """A hand-in or entry of the viewer's own; any for staff.

        Raises:
            NotFound: there is none that they may see.
        """
        with self._database.reading() as session:
            row = session.get(SubmissionRow, id) if 0 < id <= LARGEST_ID else None
            if row is None or not (viewer.staff or row.account_id == viewer.id):
                raise NotFound("there is no such submission")
            account = session.get_one(AccountRow, row.account_id)
            return self._seen(session, viewer, [(row, account)])[0]

    def hand_ins(
        self,
        viewer: Account,
        *,
        assignment: str | None = None,
        student: str | None = None,
        state: State | None = None,
        kind: Kind | None = Kind.HAND_IN,
        before: int | None = None,
        limit: int = 50,
    ) -> list[Submission]:
        """Hand-ins, the latest first: a student's own, anybody's for staff. `before` is the id of one read already."""
        chosen = select(SubmissionRow, AccountRow).join(AccountRow, SubmissionRow.account_id == AccountRow.id)
        if not viewer.staff:
            chosen = chosen.where(AccountRow.id == viewer.id)
        wanted = (
            (SubmissionRow.assignment, assignment), (AccountRow.name, student), (SubmissionRow.state, state),
            (SubmissionRow.kind, kind),
        )  # fmt: skip
        for column, value in wanted:
            if value is not None:
                chosen = chosen.where(column == str(value))
        if before is not None:
            chosen = chosen.where(SubmissionRow.id < before)
        with self._database.reading() as session:
            rows = session.execute(chosen.order_by(SubmissionRow.id.desc()).limit(limit))
            return self._seen(session, viewer, [(row, account) for row, account in rows])

    def report(self, viewer: Account, id: int) -> Handin:
        """The report of a graded hand-in: all of it for staff, for its owner what students may see.

        Raises:
            NotFound: there is none that they may see, or none yet.
        """
        found = self.submission(viewer, id)
        report = self._scores.report(found.assignment, found.name) if found.kind is Kind.HAND_IN else None
        if report is None or found.state in WAITING:
            raise NotFound("there is no report yet")
        return report if viewer.staff else for_student(report, self._scores.visibility())

    def queue(self) -> QueueState:
        """What waits, and who works."""
        with self._database.reading() as session:
            counts = _counts(session)
            oldest = session.scalar(
                select(SubmissionRow.received_at)
                .where(SubmissionRow.state == State.QUEUED.value)
                .order_by(SubmissionRow.id)
                .limit(1)
            )
            workers = tuple(session.scalars(select(WorkerRow.name).order_by(WorkerRow.name)))
        return QueueState(counts[State.QUEUED], counts[State.RUNNING], counts[State.FAILED], oldest, workers)

    def states(self) -> Mapping[str, Mapping[State, int]]:
        """How many hand-ins of each assignment are in which state."""
        with self._database.reading() as session:
            return {name: _counts(session, name) for name in self.assignments()}

    def latest_scores(self, assignment: str) -> list[HandinScore]:
        """The newest graded hand-in of each student, by name: what `report.summary.summarise` takes."""
        return [score for _, score in self._latest(assignment)]

    def integrity(self, assignment: str) -> list[Noticed]:
        """What was noticed about the newest hand-ins."""
        noticed = [(found, integrity_of(score)) for found, score in self._latest(assignment)]
        return [Noticed(found, tuple(findings)) for found, findings in noticed if findings]

    def regrades(self, assignment: str) -> list[Regraded]:
        """Whose points would change if what is proposed in the gradebook, and the TOML as it is now, were applied."""
        found = []
        for name, standing in sorted(self._scores.standings(assignment).items()):
            if standing.proposed_run is None:
                new = self._scores.slim(assignment, name, standing)
            else:
                new = self._scores.proposed(assignment, name)
            if new is not None and (new.score, new.max_score) != (standing.score, standing.max_score):
                found.append(Regraded(name, standing.score, standing.max_score, new.score, new.max_score))
        return found

    def write_reports(self, assignment: str, folder: Path) -> None:
        """Write what `grader grade --out` writes: what all of `grader export` reads."""
        course = self._scores.course(assignment)
        scores = []
        for name in sorted(self._scores.standings(assignment)):
            score = self._scores.whole(assignment, name)
            if score is not None:
                write_handin(score, folder)
                scores.append(score)
        write_class(course, scores, folder)

    def attempts_csv(self, assignment: str) -> str:
        """Who handed in what and when, as `grader final --attempts` reads it."""
        chosen = (
            select(AccountRow.name, SubmissionRow.number, SubmissionRow.received_at)
            .join(AccountRow, SubmissionRow.account_id == AccountRow.id)
            .where(SubmissionRow.kind == Kind.HAND_IN.value, SubmissionRow.assignment == assignment)
            .order_by(SubmissionRow.id)
        )
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("submission", "student", "submitted"))
        with self._database.reading() as session:
            for name, number, received_at in session.execute(chosen):
                writer.writerow((f"{name}-{number}", name, received_at.isoformat()))
        return text.getvalue()

    def tracks(self) -> list[tuple[str, Track]]:
        """All tracks of the course."""
        return [(name, one) for name in self.assignments() for one in tracks.load(self._settings.root, name).values()]

    def track(self, assignment: str, track: str) -> Track:
        """One track.

        Raises:
            NotFound: there is none of that name.
        """
        found = tracks.load(self._settings.root, self.known(assignment)).get(track)
        if found is None:
            raise NotFound(f"{assignment} has no such track on a leaderboard")
        return found

    def board(self, assignment: str, track: str) -> Board:
        """The board of a track, as anybody sees it.

        Raises:
            NotFound: there is none of that name.
        """
        found = self.track(assignment, track)
        with self._database.reading() as session:
            return boards.board(session, assignment, found)

    def entry(self, id: int, viewer: Account | None = None) -> EntryPage:
        """An entry, as anybody sees it; one that was refused, or failed, is for its sender and for staff.

        Raises:
            NotFound: there is none that they may see.
        """
        with self._database.reading() as session:
            row = session.get(SubmissionRow, id) if 0 < id <= LARGEST_ID else None
            if row is None or row.kind != Kind.ENTRY.value:
                raise NotFound("there is no such entry")
            theirs = viewer is not None and (viewer.staff or viewer.id == row.account_id)
            if not theirs and row.state in (State.REFUSED.value, State.FAILED.value):
                raise NotFound("there is no such entry")
            track = self.track(row.assignment, row.track)
            everything = boards.entries_of(session, row.assignment, track)
            ranked = {one.entry: one for one in boards.board(session, row.assignment, track).rows}
            others = tuple(
                ranked.get(other.id, boards.plain_row(other, account))
                for other, account in everything
                if account.id == row.account_id and other.id != row.id and other.state == State.DONE.value
            )
            account = session.get_one(AccountRow, row.account_id)
            details = row.details
            return EntryPage(
                row=ranked.get(row.id, boards.plain_row(row, account)), assignment=row.assignment, track=track,
                reasons=tuple(details.get("reasons", [row.reason] if row.reason else [])),
                notes=tuple(details.get("notes", ())), measurements=details.get("measurements", {}), others=others,
            )  # fmt: skip

    def _latest(self, assignment: str) -> list[tuple[Submission, HandinScore]]:
        newest = (
            select(func.max(SubmissionRow.id))
            .where(
                SubmissionRow.kind == Kind.HAND_IN.value,
                SubmissionRow.assignment == assignment,
                SubmissionRow.state.in_((State.DONE.value, State.REFUSED.value)),
            )
            .group_by(SubmissionRow.account_id)
        )
        chosen = (
            select(SubmissionRow, AccountRow)
            .join(AccountRow, SubmissionRow.account_id == AccountRow.id)
            .where(SubmissionRow.id.in_(newest))
            .order_by(AccountRow.name)
        )
        with self._database.reading() as session:
            found = [_plain(row, account, None) for row, account in session.execute(chosen)]
        standings = self._scores.standings(assignment)
        pairs = (
            (one, self._scores.slim(assignment, one.name, standings[one.name]))
            for one in found
            if one.name in standings
        )
        return [(one, score) for one, score in pairs if score is not None]

    def _seen(
        self, session: Session, viewer: Account, rows: Sequence[tuple[SubmissionRow, AccountRow]]
    ) -> list[Submission]:
        """Rows as the viewer may see them. A hand-in's points are the gradebook's: a regrade may have changed them."""
        queued: list[int] = []
        if any(row.state == State.QUEUED.value for row, _ in rows):
            waits = select(SubmissionRow.id).where(SubmissionRow.state == State.QUEUED.value)
            queued = list(session.scalars(waits.order_by(SubmissionRow.id)))
        done = {row.assignment for row, _ in rows if row.kind == Kind.HAND_IN.value and row.state == State.DONE.value}
        standings = {name: self._scores.standings(name) for name in done}
        seen = []
        for row, account in rows:
            ahead = bisect.bisect_left(queued, row.id) if row.state == State.QUEUED.value else None
            found = _plain(row, account, ahead)
            standing = standings.get(row.assignment, {}).get(found.name)
            if found.kind is Kind.HAND_IN:
                if standing is not None:
                    found = replace(found, score=standing.score, max_score=standing.max_score)
                if not viewer.staff:
                    found = replace(found, details={})
            seen.append(found)
        return seen


def _plain(row: SubmissionRow, account: AccountRow, ahead: int | None) -> Submission:
    return Submission(
        id=row.id, kind=Kind(row.kind), account=account.name, pseudonym=account.pseudonym, assignment=row.assignment,
        track=row.track, number=row.number, file_name=row.file_name, sha256=row.sha256, size=row.size,
        received_at=row.received_at, state=State(row.state), ended_at=row.ended_at, claimed_score=row.claimed_score,
        score=row.score, max_score=row.max_score, reason=row.reason, details=row.details, ahead=ahead,
    )  # fmt: skip


def _counts(session: Session, assignment: str | None = None) -> Counter[State]:
    chosen = select(SubmissionRow.state, func.count(SubmissionRow.id)).group_by(SubmissionRow.state)
    if assignment is not None:
        chosen = chosen.where(SubmissionRow.kind == Kind.HAND_IN.value, SubmissionRow.assignment == assignment)
    rows: Iterable[tuple[str, int]] = ((state, count) for state, count in session.execute(chosen))
    return Counter({State(state): count for state, count in rows})
