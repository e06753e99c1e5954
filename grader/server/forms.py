"""The forms of pages: that one was sent from a page of ours, by the one who was shown it.

Two checks, either of which would do: the browser's own word on where a form comes from (`Origin`, `Sec-Fetch-Site`), and
a secret of the session in each form. The cookie is `SameSite=Strict` besides.
"""

import hmac
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from grader.server import uploads
from grader.server.accounts import Session
from grader.server.errors import Forbidden, Refused
from grader.server.uploads import Form

FIELD = "csrf"
URLENCODED = "application/x-www-form-urlencoded"
LARGEST, MOST_FIELDS = 64 * 1024, 100


async def read(request: Request, session: Session | None) -> dict[str, str]:
    """The fields of a form without a file. Without a session, as when logging in, the first check alone is made.

    Raises:
        Forbidden: it comes from elsewhere, or its secret is not the session's. Refused: it is no form.
    """
    same_origin(request)
    if request.headers.get("content-type", "").partition(";")[0].strip().casefold() != URLENCODED:
        raise Refused("the body is not a form's")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise Refused(f"the form is larger than {LARGEST} bytes")
    try:
        fields = dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise Refused("the body is not a form's") from None
    _same_session(fields, session)
    return fields


async def read_upload(request: Request, session: Session, folder: Path, limit: int) -> Form:
    """A form with a file in its field `file`; the file is kept in `folder`.

    Raises:
        Forbidden, Refused, TooLarge.
    """
    same_origin(request)
    form = await uploads.receive(request, folder, limit)
    _same_session(form.fields, session)
    return form


def same_origin(request: Request) -> None:
    """Hold that a form was sent from a page of this server.

    Raises:
        Forbidden: the browser says that it was not.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    elsewhere = origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")
    if elsewhere or site not in (None, "same-origin", "none"):
        raise Forbidden("this form was not sent from a page of this server")


def _same_session(fields: dict[str, str], session: Session | None) -> None:
    if session is not None and not hmac.compare_digest(fields.pop(FIELD, "").encode(), session.csrf.encode()):
        raise Forbidden("this form is not of your session any more; load the page again")
