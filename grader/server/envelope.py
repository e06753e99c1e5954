"""What every request goes through: it gets an id, its answer the headers that keep a browser safe, it is logged, and what
goes wrong inside is answered in one line. A line of the log is a JSON object; tokens, cookies and query strings are
never in it."""

import json
import logging
import time
import uuid

from sqlalchemy.exc import OperationalError
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.server.settings import Clock

log = logging.getLogger(__name__)

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; script-src 'none'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
FOR_A_YEAR = "max-age=31536000"


class Envelope:
    """Wraps an application."""

    def __init__(self, app: ASGIApp, *, clock: Clock, lines: logging.Logger, https: bool) -> None:
        self._app, self._clock, self._lines, self._https = app, clock, lines, https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid.uuid4().hex
        status = 0
        began = time.perf_counter()

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers.update({**HEADERS, "X-Request-ID": request_id})
                if self._https:
                    headers["Strict-Transport-Security"] = FOR_A_YEAR
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception as error:
            log.exception("request %s: %s %s", request_id, scope["method"], scope["path"])
            if not status:
                await _apology(error, request_id)(scope, receive, sent)
        finally:
            line = {
                "at": self._clock().isoformat(), "request_id": request_id, "method": scope["method"],
                "path": scope["path"], "status": status, "milliseconds": round((time.perf_counter() - began) * 1000, 2),
                "account": scope.get("state", {}).get("account"),
                "client": scope["client"][0] if scope.get("client") else None,
                "agent": Headers(scope=scope).get("user-agent", "")[:100],
            }  # fmt: skip
            self._lines.info("%s", json.dumps(line))


def _apology(error: Exception, request_id: str) -> JSONResponse:
    if isinstance(error, OperationalError):
        return JSONResponse({"detail": "the database does not answer; try again"}, 503, {"Retry-After": "5"})
    detail = f"an error of the server; tell the staff its request id: {request_id}"
    return JSONResponse({"detail": detail}, 500)
