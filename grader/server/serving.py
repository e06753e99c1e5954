"""The process that listens, and the log of its requests."""

import logging
import logging.handlers
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from grader.errors import ConfigError

LARGEST_LOG, KEPT_LOGS = 50 * 2**20, 5
BACKLOG = 2048
"""Connections that may wait: a whole class at a deadline."""


def request_log(file: Path | None) -> logging.Logger:
    """Where requests are logged, a JSON object a line: to a file that starts anew at 50 MB, or nowhere."""
    lines = logging.getLogger("grader.server.requests")
    lines.propagate = False
    lines.setLevel(logging.INFO)
    handler: logging.Handler = logging.NullHandler()
    if file is not None:
        handler = logging.handlers.RotatingFileHandler(file, maxBytes=LARGEST_LOG, backupCount=KEPT_LOGS)
    handler.setFormatter(logging.Formatter("%(message)s"))
    lines.handlers = [handler]
    return lines


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes one that is free.

    Raises:
        ConfigError: the port is used, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(BACKLOG)
    except OSError as error:
        found.close()
        raise ConfigError(
            f"cannot listen on {host}, port {port}: {error.strerror or error}; expected a free one"
        ) from None
    return found


class Server(uvicorn.Server):
    """Says once it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self._ready()


def serve(app: FastAPI, listening: socket.socket, ready: Callable[[], None], *, behind_proxy: bool = False) -> None:
    """Answer requests until the process is told to stop, which is a way to end well.

    `behind_proxy`: believe a proxy on this machine about who asks and whether it was by HTTPS.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))  # raised again by uvicorn once it has tidied up
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, timeout_keep_alive=30, server_header=False,
        proxy_headers=behind_proxy, backlog=BACKLOG,
    )  # fmt: skip
    Server(config, ready).run(sockets=[listening])
