"""What staff see: the class at a glance, an assignment's problems and findings, what a regrade would change, the log."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from grader.report.summary import summarise
from grader.server import forms
from grader.server.access import address
from grader.server.accounts import Session
from grader.server.errors import Forbidden, NotFound
from grader.server.office import Office
from grader.server.pages.downloads import FORMS, download
from grader.server.pages.own import known
from grader.server.pages.rendering import page
from grader.server.submissions import State


def staff(office: Office, request: Request) -> Session:
    """Who of the staff looks at the page.

    Raises:
        Unauthorized: nobody is logged in.
        Forbidden: a student is.
    """
    session = known(office, request)
    if not session.account.staff:
        raise Forbidden("this page is for the course's staff")
    return session


def staff_routes(office: Office) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)

    @router.get("/dashboard")
    def dashboard(request: Request) -> HTMLResponse:
        """All assignments: hand-ins by state, the queue, and what came last."""
        session = staff(office, request)
        return page(
            "dashboard.html", session, here="dashboard", counts=office.queries.states(), queue=office.queries.queue(),
            assignments=office.queries.assignments(), newest=office.queries.hand_ins(session.account, limit=20),
        )  # fmt: skip

    @router.get("/dashboard/{assignment}")
    def assignment(
        request: Request, assignment: str, state: State | None = None, before: int | None = None
    ) -> HTMLResponse:
        """One assignment: failures by problem, findings, what a regrade proposed, exports, and the hand-ins."""
        session = staff(office, request)
        if assignment not in office.queries.assignments():
            raise NotFound(f"the course has no {assignment[:100]!r}")
        scores = office.queries.latest_scores(assignment)
        return page(
            "assignment.html", session, here="dashboard", assignment=assignment, summary=summarise(scores),
            noticed=office.queries.integrity(assignment), regrades=office.queries.regrades(assignment), forms=FORMS,
            state=state, hand_ins=office.queries.hand_ins(
                session.account, assignment=assignment, state=state, before=before
            ),
        )  # fmt: skip

    @router.get("/dashboard/{assignment}/export/{form}")
    def export(request: Request, assignment: str, form: str) -> Response:
        """The newest graded hand-in of each student, as a file."""
        staff(office, request)
        if assignment not in office.queries.assignments():
            raise NotFound(f"the course has no {assignment[:100]!r}")
        return download(office, assignment, form)

    @router.post("/hand-ins/{id}/again")
    async def again(request: Request, id: int) -> Response:
        """Put back into the queue what an error of ours kept back."""
        session = await run_in_threadpool(staff, office, request)
        await forms.read(request, session)
        await run_in_threadpool(office.queue.again, session.account, id, address(request))
        return RedirectResponse(f"/hand-ins/{id}", 303)

    @router.get("/audit")
    def audit(request: Request, before: int | None = None) -> HTMLResponse:
        """Who did what, the newest first."""
        session = staff(office, request)
        return page("audit.html", session, here="audit", rows=office.audit.deeds(before=before))

    return router
