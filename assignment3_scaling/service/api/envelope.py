"""What every request goes through: it gets an id, its body is read up to a size, it is logged, and what goes wrong inside
is answered as JSON. One line of the log is one JSON object; keys and query strings are never in it."""

import json
import logging
import re
import time
import uuid
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assignment3_scaling.service.api.bodies import Answer
from assignment3_scaling.service.clock import Clock
from assignment3_scaling.service.errors import TooLarge

log = logging.getLogger(__name__)
LARGEST_BODY = 64 * 1024
LOGGED_BODY = 8 * 1024
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Envelope:
    """Wraps an application."""

    def __init__(self, app: ASGIApp, *, clock: Clock, lines: logging.Logger) -> None:
        self._app, self._clock, self._lines = app, clock, lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        body = await _body(receive)
        if body is None:
            return
        state = scope.setdefault("state", {})
        state |= {"request_id": request_id, "body": body[:LARGEST_BODY], "student": None}
        kept = _Kept(send, request_id)
        began = time.perf_counter()
        try:
            if len(body) > LARGEST_BODY:
                error = TooLarge(f"the body is larger than {LARGEST_BODY} bytes")
                await Answer(error.body(), error.status)(scope, receive, kept.send)
            else:
                await self._app(scope, _replay(body, receive), kept.send)
        except Exception:
            log.exception("request %s: %s %s", request_id, scope["method"], scope["path"])
            if not kept.status:
                detail = f"an error of the server; tell the staff its request id: {request_id}"
                await Answer({"detail": detail}, 500)(scope, receive, kept.send)
        finally:
            self._log(scope, kept, (time.perf_counter() - began) * 1000)

    def _log(self, scope: Scope, kept: "_Kept", milliseconds: float) -> None:
        line = {
            "at": self._clock().isoformat(),
            "request_id": kept.request_id,
            "method": scope["method"],
            "path": scope["path"],
            "status": kept.status,
            "milliseconds": round(milliseconds, 2),
            "student": scope["state"]["student"],
            "client": scope["client"][0] if scope.get("client") else None,
            "request": _shortened(scope["state"]["body"]),
            "response": _shortened(bytes(kept.body)),
        }
        self._lines.info("%s", json.dumps(line))


class _Kept:
    """What is sent, with the request's id added, and kept for the log."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send, self.request_id = send, request_id
        self.status = 0
        self.body = bytearray()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)["X-Request-ID"] = self.request_id
        elif message["type"] == "http.response.body" and len(self.body) <= LOGGED_BODY:
            self.body += message.get("body", b"")[: LOGGED_BODY + 1]
        await self._send(message)


async def _body(receive: Receive) -> bytes | None:
    """The body, or its beginning where it is too large; None where the caller has gone."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False) or len(body) > LARGEST_BODY:
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again


def _shortened(body: bytes) -> Any:
    """The body as JSON where it is short and is JSON, else its beginning as text."""
    if len(body) > LOGGED_BODY:
        return body[:LOGGED_BODY].decode("utf-8", "replace") + f"… ({len(body)} bytes or more)"
    try:
        return json.loads(body) if body else None
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")
