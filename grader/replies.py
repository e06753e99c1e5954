"""Replies of a worker, as they come: a frame read in pieces, and the exception that an error reply stands for.

Every byte of them is a stranger's.
"""

import socket
from collections.abc import Mapping
from typing import Any

from grader import wire
from grader.errors import (
    SubmissionError,
    SubmissionMemory,
    SubmissionNotImplemented,
    SubmissionRaised,
    WireError,
)

_KINDS: Mapping[str, type[SubmissionError]] = {"memory": SubmissionMemory}


class FrameReader:
    """Collects one frame from a socket that does not block."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._lengths: tuple[int, int] | None = None

    def read(self, channel: socket.socket) -> bool:
        """Take what is there; True when the frame is whole. Reads not one byte beyond it."""
        wanted = wire.PREFIX.size if self._lengths is None else wire.PREFIX.size + sum(self._lengths)
        try:
            piece = channel.recv(min(wanted - len(self._buffer), 2**20))
        except BlockingIOError:
            return False
        if not piece:
            raise EOFError
        self._buffer += piece
        if self._lengths is None and len(self._buffer) == wire.PREFIX.size:
            self._lengths = wire.lengths(bytes(self._buffer))
        return self._lengths is not None and len(self._buffer) == wire.PREFIX.size + sum(self._lengths)

    def value(self) -> Any:
        """The whole frame's value."""
        if self._lengths is None:
            raise WireError("the frame is not whole")
        middle = wire.PREFIX.size + self._lengths[0]
        view = memoryview(self._buffer)
        return wire.decode(bytes(view[wire.PREFIX.size : middle]), view[middle:])


def error_of(what: str, reply: Any) -> SubmissionError:
    """The exception for an error reply; every part of it is a stranger's text."""
    reply = reply if isinstance(reply, dict) else {}
    parts = {key: str(reply.get(key, ""))[:8000] for key in ("kind", "type", "message", "traceback")}
    if parts["kind"] == "result":
        return SubmissionError(f"{what} returned something that is not plain data: {parts['message']}")
    if parts["kind"] == "not_implemented":
        return SubmissionNotImplemented(parts["message"] or f"{what} is not implemented")
    return _KINDS.get(parts["kind"], SubmissionRaised)(
        f"{what} raised {parts['type']}: {parts['message']}", parts["traceback"]
    )
