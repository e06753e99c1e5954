"""Logging in with a token, and what a person has handed in: upload, state, report, pseudonym."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from grader.export import feedback
from grader.server import forms, hand_ins
from grader.server.access import address
from grader.server.accounts import Session
from grader.server.errors import NotFound, ServerRefusal, Unauthorized
from grader.server.office import Office
from grader.server.pages.rendering import page
from grader.server.submissions import Kind, State

LOG_IN = "/log-in"


def known(office: Office, request: Request) -> Session:
    """Who looks at the page.

    Raises:
        Unauthorized: nobody is logged in.
    """
    session = office.door.visitor(request)
    if session is None:
        raise Unauthorized("log in to see this page")
    return session


def own_routes(office: Office) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)

    @router.get(LOG_IN)
    def log_in_form(request: Request) -> HTMLResponse:
        """The form for a token."""
        return page("log_in.html", office.door.visitor(request), here="log in", refusal="")

    @router.post(LOG_IN)
    async def log_in(request: Request) -> Response:
        """Begin a session, and go on to what is one's own; a wrong token is said so on the form."""
        fields = await forms.read(request, None)
        try:
            session = await run_in_threadpool(office.door.log_in, request, fields.get("token", "").strip())
        except ServerRefusal as refusal:
            return page("log_in.html", None, status=refusal.status, here="log in", refusal=str(refusal))
        answer = _to("/dashboard" if session.account.staff else "/own")
        answer.set_cookie(
            office.settings.cookie, session.cookie, max_age=int(office.settings.session_hours * 3600), path="/",
            httponly=True, samesite="strict", secure=office.settings.https,
        )  # fmt: skip
        return answer

    @router.post("/log-out")
    async def log_out(request: Request) -> Response:
        """End the session."""
        session = await run_in_threadpool(known, office, request)
        await forms.read(request, session)
        await run_in_threadpool(office.accounts.log_out, request.cookies.get(office.settings.cookie, ""))
        answer = _to("/")
        answer.delete_cookie(
            office.settings.cookie, path="/", httponly=True, samesite="strict", secure=office.settings.https
        )
        return answer

    @router.get("/own")
    def own(request: Request) -> HTMLResponse:
        """What one has handed in, a form to hand in more, and one's pseudonym."""
        return _own(known(office, request))

    @router.post("/own/pseudonym")
    async def pseudonym(request: Request) -> Response:
        """Take another pseudonym."""
        session = await run_in_threadpool(known, office, request)
        fields = await forms.read(request, session)
        try:
            await run_in_threadpool(
                office.accounts.choose_pseudonym, session.account, fields.get("pseudonym", ""), address(request)
            )
        except ServerRefusal as refusal:
            return await run_in_threadpool(_own, session, refusal.status, pseudonym=str(refusal))
        return _to("/own")

    @router.post("/own/hand-ins")
    async def hand_in(request: Request) -> Response:
        """Hand in a file, and go to where its report will be."""
        session = await run_in_threadpool(known, office, request)
        try:
            accepted = await hand_ins.from_form(office, request, session)
        except ServerRefusal as refusal:
            return await run_in_threadpool(_own, session, refusal.status, hand_in=str(refusal))
        return _to(f"/hand-ins/{accepted.submission.id}")

    @router.get("/hand-ins/{id}")
    def report(request: Request, id: int) -> HTMLResponse:
        """One hand-in: where it is in the queue, or its report, as far as the viewer may see it."""
        session = known(office, request)
        submission = office.queries.submission(session.account, id)
        try:
            graded = office.queries.report(session.account, id) if submission.state is State.DONE else None
        except NotFound:
            graded = None
        return page(
            "report.html", session, here="own" if submission.account == session.account.name else "dashboard",
            submission=submission, handin=graded, alike=feedback.alike,
        )  # fmt: skip

    def _own(session: Session, status: int = 200, **refusals: str) -> HTMLResponse:
        account = session.account
        return page(
            "own.html", session, status=status, here="own", refusals={"hand_in": "", "pseudonym": "", **refusals},
            hand_ins=office.queries.hand_ins(account, student=account.name),
            entries=office.queries.hand_ins(account, student=account.name, kind=Kind.ENTRY), assignments=office.queries.assignments(),
            limit=office.settings.largest_hand_in,
        )  # fmt: skip

    return router


def _to(path: str) -> Response:
    """See there next: the browser asks with GET, whatever it came with."""
    return RedirectResponse(path, 303)
