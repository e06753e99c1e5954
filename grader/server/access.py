"""Who asks, and how often they may: by a token for programs, by a session's cookie for pages.

A token is never taken from a page's cookie, so no other site can make a browser use the routes for programs.
"""

from starlette.requests import Request

from grader.server.accounts import Account, Accounts, Session
from grader.server.errors import Forbidden, Unauthorized
from grader.server.limits import RateLimit
from grader.server.role import Role
from grader.server.settings import Clock, Settings

SCHEME = "bearer "


class Door:
    """Lets people in."""

    def __init__(self, accounts: Accounts, settings: Settings, clock: Clock) -> None:
        self._accounts, self._cookie = accounts, settings.cookie
        self._requests = RateLimit(settings.requests_per_minute, "requests", clock)
        self._uploads = RateLimit(settings.uploads_per_minute, "uploads", clock)
        self._strangers = RateLimit(settings.strangers_per_minute, "requests from this address", clock)
        self._wrong = RateLimit(settings.wrong_tokens_per_minute, "wrong tokens from this address", clock)

    def holder(self, request: Request) -> Account:
        """Whose token stands in the header `Authorization: Bearer …`.

        Raises:
            Unauthorized, RateLimited.
        """
        given = request.headers.get("authorization", "")
        if not given.casefold().startswith(SCHEME):
            self._strangers.take(address(request))
            raise Unauthorized("expected the header 'Authorization: Bearer TOKEN'")
        account = self._known(request, given[len(SCHEME) :].strip())
        self._requests.take(account.id)
        request.state.account = account.name
        return account

    def uploader(self, request: Request) -> Account:
        """As `holder`, for what sends a file; it is asked before a byte of the file is read."""
        account = self.holder(request)
        if account.role is Role.STUDENT:
            self._uploads.take(account.id)
        return account

    def staff(self, request: Request) -> Account:
        """As `holder`, for what staff alone may do.

        Raises:
            Forbidden: it is a student's token.
        """
        account = self.holder(request)
        if not account.staff:
            raise Forbidden("this is for the staff")
        return account

    def maybe(self, request: Request) -> Account | None:
        """As `holder`, where a token may be given but need not be."""
        if "authorization" in request.headers:
            return self.holder(request)
        self._strangers.take(address(request))
        return None

    def visitor(self, request: Request) -> Session | None:
        """The session of a page's reader; None for a reader who is not logged in.

        Raises:
            RateLimited.
        """
        cookie = request.cookies.get(self._cookie)
        session = self._accounts.by_session(cookie) if cookie else None
        if session is None:
            self._strangers.take(address(request))
        else:
            self._requests.take(session.account.id)
            request.state.account = session.account.name
        return session

    def sending(self, session: Session) -> None:
        """Count a file that is sent by a page's form, before it is read."""
        if session.account.role is Role.STUDENT:
            self._uploads.take(session.account.id)

    def log_in(self, request: Request, token: str) -> Session:
        """Begin a session.

        Raises:
            Unauthorized, RateLimited.
        """
        self._known(request, token.strip())
        return self._accounts.log_in(token.strip(), address(request))

    def _known(self, request: Request, token: str) -> Account:
        try:
            return self._accounts.by_token(token)
        except Unauthorized:
            self._wrong.take(address(request))
            raise


def address(request: Request) -> str:
    """Where a request comes from, as far as the connection tells."""
    return request.client.host if request.client else ""
