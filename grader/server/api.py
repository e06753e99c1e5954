"""The routes for programs: JSON in and out, a token in the header `Authorization: Bearer …`.

What is accepted is answered with 202 and its number once it is committed; the same bytes again with 200 and the same
number. Every refusal is `{"detail": "one line"}`. Who asks is known before a byte of a body is read.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response, Security
from fastapi import Path as InPath
from fastapi.security import HTTPBearer
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from grader.leaderboard.track import Track
from grader.server import hand_ins, uploads
from grader.server.access import Door, address
from grader.server.accounts import NAME, Account
from grader.server.audit import Deed
from grader.server.boards import Board, BoardRow
from grader.server.errors import Refused
from grader.server.hand_ins import file_of
from grader.server.office import Office
from grader.server.queries import QueueState
from grader.server.submissions import LARGEST_ID, Accepted, Kind, State
from grader.server.uploads import Form

MIB = 2**20
LARGEST_JSON = 4096
FILE = {"type": "string", "format": "binary", "description": "A .zip, .tar.gz, .tgz or .py."}


class Detail(BaseModel):
    """A refusal, in one line."""

    detail: str


class Me(BaseModel):
    """Whose token it is."""

    name: str
    role: str
    pseudonym: str


class SubmissionAnswer(BaseModel):
    """A hand-in or an entry. `details` of a hand-in are for staff; of an entry: reasons, notes and measurements."""

    id: int
    kind: Kind
    account: str
    pseudonym: str
    assignment: str
    track: str
    number: int
    name: str
    file_name: str
    sha256: str
    size: int
    received_at: datetime
    state: State
    ahead: int | None
    ended_at: datetime | None
    claimed_score: float | None
    score: float | None
    max_score: float | None
    reason: str
    details: Mapping[str, Any]


class TrackAnswer(BaseModel):
    """A leaderboard."""

    assignment: str
    id: str
    title: str
    metric: str
    unit: str
    direction: str
    device: str
    budget_seconds: float
    cores: int
    noise: float
    floor: float | None


class RowAnswer(BaseModel):
    """An entry on a board. `claimed` is its sender's word, `score` was verified by running."""

    entry: int
    rank: int | None
    tied: bool
    pseudonym: str
    score: float | None
    claimed: float | None
    state: State
    received_at: datetime
    badges: Sequence[str]


class BoardAnswer(BaseModel):
    """A board: each person's best verified entry, and what waits to be verified."""

    track: TrackAnswer
    rows: list[RowAnswer]
    waiting: list[RowAnswer]


class EntryAnswer(BaseModel):
    """An entry as anybody sees it."""

    row: RowAnswer
    track: TrackAnswer
    reasons: list[str]
    notes: list[str]
    measurements: Mapping[str, Any]


class QueueAnswer(BaseModel):
    """The queue."""

    queued: int
    running: int
    failed: int
    oldest: datetime | None
    workers: Sequence[str]


class DeedAnswer(BaseModel):
    """A line of the audit log."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]
    address: str


REFUSALS: dict[int | str, dict[str, Any]] = {
    code: {"model": Detail, "description": why}
    for code, why in (
        (401, "no valid token"),
        (403, "not yours to do"),
        (404, "nothing that you may see"),
        (409, "something is in the way"),
        (413, "too large"),
        (422, "not what was expected"),
        (429, "too often"),
        (503, "the database does not answer"),
    )
}
Number = Annotated[int, InPath(ge=1, le=LARGEST_ID)]
Before = Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="The id of one that was read already.")]
Most = Annotated[int, Query(ge=1, le=200)]


def api_routes(office: Office) -> APIRouter:
    """All of them."""
    router = APIRouter(prefix="/api", responses=REFUSALS, dependencies=[Security(HTTPBearer(auto_error=False))])
    for add in (_me, _hand_ins, _submissions, _boards, _entries, _staff):
        add(router, office, office.door)
    return router


def _me(router: APIRouter, office: Office, door: Door) -> None:
    @router.get("/me")
    def me(account: Annotated[Account, Depends(door.holder)]) -> Me:
        """Whose token this is."""
        return Me(name=account.name, role=account.role, pseudonym=account.pseudonym)

    body = {"type": "object", "properties": {"pseudonym": {"type": "string"}}, "required": ["pseudonym"]}

    @router.put("/me/pseudonym", openapi_extra=_takes("application/json", body))
    async def choose_pseudonym(request: Request, account: Annotated[Account, Depends(door.holder)]) -> Me:
        """Take another pseudonym; public pages show nothing else of a person."""
        wanted = await _text(request, "pseudonym")
        found = await run_in_threadpool(office.accounts.choose_pseudonym, account, wanted, address(request))
        return Me(name=found.name, role=found.role, pseudonym=found.pseudonym)


def _hand_ins(router: APIRouter, office: Office, door: Door) -> None:
    body = {
        "type": "object", "required": ["assignment", "file"],
        "properties": {"assignment": {"type": "string"}, "file": FILE},
    }  # fmt: skip

    @router.post("/hand-ins", status_code=202, openapi_extra=_takes("multipart/form-data", body))
    async def hand_in(request: Request, response: Response) -> SubmissionAnswer:
        """Hand in: the form's fields `assignment` and `file`."""
        accepted = await hand_ins.from_program(office, request)
        return _accepted(accepted, response)

    @router.get("/hand-ins")
    def listed(
        account: Annotated[Account, Depends(door.holder)],
        assignment: str | None = None,
        student: Annotated[str | None, Query(pattern=f"^{NAME.pattern}$", description="For staff.")] = None,
        state: State | None = None,
        before: Before = None,
        limit: Most = 50,
    ) -> list[SubmissionAnswer]:
        """Your hand-ins, all students' for staff; the latest first."""
        if assignment is not None:
            office.queries.known(assignment)
        found = office.queries.hand_ins(
            account, assignment=assignment, student=student, state=state, before=before, limit=limit
        )
        return [SubmissionAnswer(**asdict(one), name=one.name) for one in found]

    @router.get("/hand-ins/{id}/report")
    def report(id: Number, account: Annotated[Account, Depends(door.holder)]) -> dict[str, Any]:
        """The report of a hand-in once it is graded: what students may see, all of it for staff."""
        return asdict(office.queries.report(account, id))


def _submissions(router: APIRouter, office: Office, door: Door) -> None:
    @router.get("/submissions/{id}")
    def submission(id: Number, account: Annotated[Account, Depends(door.holder)]) -> SubmissionAnswer:
        """A hand-in or entry of yours; any for staff."""
        found = office.queries.submission(account, id)
        return SubmissionAnswer(**asdict(found), name=found.name)

    @router.post("/submissions/{id}/again", status_code=204)
    def again(id: Number, request: Request, account: Annotated[Account, Depends(door.staff)]) -> None:
        """For staff: put what has failed by our fault into the queue again."""
        office.queue.again(account, id, address(request))

    @router.get("/queue")
    def queue(account: Annotated[Account, Depends(door.holder)]) -> QueueAnswer:
        """What waits, and who works; the names of workers are for staff."""
        found: QueueState = office.queries.queue()
        workers = found.workers if account.staff else ["a worker"] * len(found.workers)
        return QueueAnswer(**{**asdict(found), "workers": workers})


def _boards(router: APIRouter, office: Office, door: Door) -> None:
    public = [Depends(door.maybe)]

    @router.get("/leaderboard", dependencies=public)
    def leaderboards() -> list[TrackAnswer]:
        """All tracks of the course; no token is needed."""
        return [_track(track) for _, track in office.queries.tracks()]

    @router.get("/leaderboard/entries/{id}")
    def entry(id: Number, account: Annotated[Account | None, Depends(door.maybe)]) -> EntryAnswer:
        """An entry; one that was refused is for its sender and for staff."""
        found = office.queries.entry(id, account)
        return EntryAnswer(
            row=_row(found.row), track=_track(found.track), reasons=list(found.reasons), notes=list(found.notes),
            measurements=found.measurements,
        )  # fmt: skip

    @router.get("/leaderboard/{assignment}/{track}", dependencies=public)
    def board(assignment: str, track: str) -> BoardAnswer:
        """A track's board; no token is needed."""
        found: Board = office.queries.board(assignment, track)
        rows, waiting = ([_row(one) for one in part] for part in (found.rows, found.waiting))
        return BoardAnswer(track=_track(found.track), rows=rows, waiting=waiting)


def _entries(router: APIRouter, office: Office, door: Door) -> None:
    body = {
        "type": "object", "required": ["file"],
        "properties": {"file": FILE, "claimed": {"type": "number", "description": "The score you expect."}},
    }  # fmt: skip

    @router.post(
        "/leaderboard/{assignment}/{track}/entries", status_code=202, openapi_extra=_takes("multipart/form-data", body)
    )
    async def enter(assignment: str, track: str, request: Request, response: Response) -> SubmissionAnswer:
        """Send an entry to be verified: the form's field `file`, and the score you expect in `claimed`."""
        account = await run_in_threadpool(door.uploader, request)
        found = await run_in_threadpool(office.queries.track, assignment, track)
        form = await uploads.receive(request, office.settings.uploads, found.entry_mb * MIB)
        accepted = await run_in_threadpool(
            office.submissions.accept, account, Kind.ENTRY, assignment, track, file_of(form), claimed(form),
            address(request),
        )  # fmt: skip
        return _accepted(accepted, response)


def _staff(router: APIRouter, office: Office, door: Door) -> None:
    @router.get("/audit")
    def audit(
        account: Annotated[Account, Depends(door.staff)], before: Before = None, limit: Most = 100
    ) -> list[DeedAnswer]:
        """For staff: who changed what, the latest first."""
        found: Sequence[Deed] = office.audit.deeds(before=before, limit=limit)
        return [DeedAnswer(**asdict(deed)) for deed in found]

    @router.post("/accounts/{name}/pseudonym")
    def redraw(name: str, request: Request, account: Annotated[Account, Depends(door.staff)]) -> Me:
        """For staff: take a pseudonym that nobody should have to read from its owner, and draw another."""
        found = office.accounts.redraw_pseudonym(account, name, address(request))
        return Me(name=found.name, role=found.role, pseudonym=found.pseudonym)


def claimed(form: Form) -> float | None:
    """The score that an entry's sender expects, if they say.

    Raises:
        Refused: it is no number.
    """
    said = form.fields.get("claimed", "").strip()
    if not said:
        return None
    try:
        score = float(said)
    except ValueError:
        score = math.nan
    if not math.isfinite(score):
        raise Refused("the field 'claimed' is no number; expected the score that you measured")
    return score


def _accepted(accepted: Accepted, response: Response) -> SubmissionAnswer:
    if not accepted.new:
        response.status_code = 200
    found = accepted.submission
    return SubmissionAnswer(**asdict(found), name=found.name)


async def _text(request: Request, key: str) -> str:
    """The one text in a small JSON object."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_JSON:
            raise Refused(f"the body is larger than {LARGEST_JSON} bytes")
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("the body is not valid JSON") from None
    if not isinstance(data, dict) or not isinstance(data.get(key), str):
        raise Refused(f"the body has no text {key!r}; expected an object with one")
    return str(data[key])


def _takes(kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The documentation of a body that the route reads itself."""
    return {"requestBody": {"required": True, "content": {kind: {"schema": schema}}}}


def _track(track: Track) -> TrackAnswer:
    return TrackAnswer(**{name: getattr(track, name) for name in TrackAnswer.model_fields})


def _row(row: BoardRow) -> RowAnswer:
    return RowAnswer(**asdict(row))
