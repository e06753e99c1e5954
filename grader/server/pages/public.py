"""What everybody may see: the leaderboards, their tracks and the entries, under pseudonyms."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from grader.server.office import Office
from grader.server.pages import plot
from grader.server.pages.rendering import page


def public_routes(office: Office) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def home(request: Request) -> HTMLResponse:
        """All leaderboards, each with who leads."""
        boards = [office.queries.board(name, track.id) for name, track in office.queries.tracks()]
        names = dict.fromkeys(board.assignment for board in boards)
        sections = [(name, [board for board in boards if board.assignment == name]) for name in names]
        return page("home.html", office.door.visitor(request), here="leaderboards", sections=sections)

    @router.get("/leaderboards/{assignment}/{track}")
    def board(request: Request, assignment: str, track: str) -> HTMLResponse:
        """One track: its rules, its history, who stands where, and what is claimed and not verified yet."""
        found = office.queries.board(assignment, track)
        drawn = plot.history(found.track, found.history, found.verified, office.clock())
        return page(
            "board.html", office.door.visitor(request), here="leaderboards", board=found, track=found.track, plot=drawn,
            server=str(request.base_url).rstrip("/"),
        )  # fmt: skip

    @router.get("/entries/{id}")
    def entry(request: Request, id: int) -> HTMLResponse:
        """One entry: its score, what was measured, or why it was refused."""
        session = office.door.visitor(request)
        found = office.queries.entry(id, session.account if session else None)
        return page("entry.html", session, here="leaderboards", entry=found, track=found.track)

    return router
