"""The worker's end of the socket to the judge."""

import os
import socket
import threading
from typing import Any

from grader import wire
from grader.tripwires import Note


class Channel:
    """Whole values over the socket."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._sending = threading.Lock()

    def send(self, value: Any) -> None:
        """Send one frame; a value that is not plain data raises `WireError` before a byte is sent."""
        self.send_frame(wire.encode(value))

    def send_frame(self, frame: bytes) -> None:
        """Send what is encoded already."""
        with self._sending:
            self.connection.sendall(frame)

    def tell(self, note: Note) -> None:
        """Send a note between replies; it is dropped where it would come amid one (from a thread, a signal handler)."""
        frame = wire.encode({"noticed": note})
        if self._sending.acquire(blocking=False):
            try:
                self.connection.sendall(frame)
            finally:
                self._sending.release()

    def receive(self, resolve: wire.Resolve = wire.keep) -> Any:
        """The next value; the end of the stream ends the process."""
        header, blob = wire.lengths(self._exactly(wire.PREFIX.size))
        content = self._exactly(header)
        return wire.decode(content, self._exactly(blob), resolve)

    def _exactly(self, size: int) -> bytes:
        content = bytearray()
        while len(content) < size:
            piece = self.connection.recv(min(size - len(content), 2**20))
            if not piece:
                os._exit(0)
            content += piece
        return bytes(content)
