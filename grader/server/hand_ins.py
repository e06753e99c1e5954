"""A hand-in on its way from a request into the queue, for programs and for pages."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from grader.server import forms, uploads
from grader.server.access import address
from grader.server.accounts import Account, Session
from grader.server.errors import Refused
from grader.server.office import Office
from grader.server.submissions import Accepted, Kind
from grader.server.uploads import Form, Upload


async def from_program(office: Office, request: Request) -> Accepted:
    """A hand-in that came with a token.

    Raises:
        Unauthorized, RateLimited, TooLarge, Refused, NotFound.
    """
    account = await run_in_threadpool(office.door.uploader, request)
    form = await uploads.receive(request, office.settings.uploads, office.settings.largest_hand_in)
    return await run_in_threadpool(_accept, office, account, form, address(request))


async def from_form(office: Office, request: Request, session: Session) -> Accepted:
    """A hand-in that came by a page's form.

    Raises:
        Forbidden, RateLimited, TooLarge, Refused, NotFound.
    """
    await run_in_threadpool(office.door.sending, session)
    form = await forms.read_upload(request, session, office.settings.uploads, office.settings.largest_hand_in)
    return await run_in_threadpool(_accept, office, session.account, form, address(request))


def file_of(form: Form) -> Upload:
    """The file of a form.

    Raises:
        Refused: there is none.
    """
    if form.upload is None:
        raise Refused("the form holds no file; expected one in its field 'file'")
    return form.upload


def _accept(office: Office, account: Account, form: Form, where: str) -> Accepted:
    assignment = office.queries.known(form.fields.get("assignment", ""))
    return office.submissions.accept(account, Kind.HAND_IN, assignment, "", file_of(form), None, where)
