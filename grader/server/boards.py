"""The leaderboards as anybody sees them: pseudonyms, and a score only where it was verified by running."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.leaderboard import ranking
from grader.leaderboard.track import Track
from grader.server.submissions import WAITING, Kind, State
from grader.server.tables import AccountRow, SubmissionRow

LEADER, FIRST = "leads", "first on the board"


@dataclass(frozen=True)
class BoardRow:
    """One entry. `rank` is None where nothing is verified yet: then `claimed` is what its sender says."""

    entry: int
    rank: int | None
    tied: bool
    pseudonym: str
    score: float | None
    claimed: float | None
    state: State
    received_at: datetime
    badges: tuple[str, ...] = ()


@dataclass(frozen=True)
class Point:
    """A verified score, and when it was sent."""

    entry: int
    at: datetime
    score: float
    pseudonym: str


@dataclass(frozen=True)
class Board:
    """A track's board: each person's best verified entry by rank, and what waits. `verified` are all that were, in the order
    of their arrival; `history` those of them that were the best so far."""

    assignment: str
    track: Track
    rows: tuple[BoardRow, ...]
    waiting: tuple[BoardRow, ...]
    verified: tuple[Point, ...]
    history: tuple[Point, ...]


Entries = Sequence[tuple[SubmissionRow, AccountRow]]


def board(session: Session, assignment: str, track: Track) -> Board:
    """The board of a track."""
    entries = entries_of(session, assignment, track)
    verified = [(row, account) for row, account in entries if row.state == State.DONE.value and row.score is not None]
    points = tuple(Point(row.id, row.received_at, row.score or 0.0, account.pseudonym) for row, account in verified)
    records = {one.key for one in ranking.history(track, [(point.entry, point.score, point.at) for point in points])}
    best = _best(verified, track)
    ranked = ranking.rank(track, [(row.id, row.score or 0.0, row.received_at) for row, _ in best.values()])
    by_id = {row.id: (row, account) for row, account in best.values()}
    counts = {account.id: sum(other.id == account.id for _, other in verified) for _, account in verified}
    rows = tuple(
        _row(*by_id[place.key], place.rank, place.tied, _badges(place.rank, by_id[place.key][1], points, counts))
        for place in ranked
    )
    waiting = tuple(_row(row, account, None, False, ()) for row, account in entries if row.state in WAITING)
    return Board(assignment, track, rows, waiting, points, tuple(point for point in points if point.entry in records))


def entries_of(session: Session, assignment: str, track: Track) -> Entries:
    """All entries of a track with their senders, in the order of their arrival."""
    chosen = (
        select(SubmissionRow, AccountRow)
        .join(AccountRow, SubmissionRow.account_id == AccountRow.id)
        .where(
            SubmissionRow.kind == Kind.ENTRY.value,
            SubmissionRow.assignment == assignment,
            SubmissionRow.track == track.id,
        )
        .order_by(SubmissionRow.id)
    )
    return [(row, account) for row, account in session.execute(chosen)]


def plain_row(row: SubmissionRow, account: AccountRow) -> BoardRow:
    """An entry apart from its board."""
    return _row(row, account, None, False, ())


def _best(verified: Entries, track: Track) -> Mapping[int, tuple[SubmissionRow, AccountRow]]:
    best: dict[int, tuple[SubmissionRow, AccountRow]] = {}
    for row, account in verified:
        held = best.get(account.id)
        if held is None or track.better(row.score or 0.0, held[0].score or 0.0):
            best[account.id] = (row, account)
    return best


def _badges(rank: int, account: AccountRow, points: Sequence[Point], counts: Mapping[int, int]) -> tuple[str, ...]:
    badges = [LEADER] if rank == 1 else []
    if points and points[0].pseudonym == account.pseudonym:
        badges.append(FIRST)
    if counts[account.id] > 1:
        badges.append(f"{counts[account.id]} verified entries")
    return tuple(badges)


def _row(row: SubmissionRow, account: AccountRow, rank: int | None, tied: bool, badges: tuple[str, ...]) -> BoardRow:
    score = row.score if row.state == State.DONE.value else None
    return BoardRow(
        row.id, rank, tied, account.pseudonym, score, row.claimed_score, State(row.state), row.received_at, badges
    )
