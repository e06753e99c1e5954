"""The server as one process: the API, its runner, and the log of its requests."""

import logging
import logging.handlers
import os
import signal
import socket
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from assignment3_scaling.service.api.access import Access
from assignment3_scaling.service.api.app import create_app
from assignment3_scaling.service.backend import Backend
from assignment3_scaling.service.runner import Office, Runner
from assignment3_scaling.service.service import Service

LARGEST_LOG, KEPT_LOGS = 50 * 2**20, 5
HEARTBEATS = 4
"""So many heartbeats fit into the time after which a worker counts as lost."""


def runner_for(backend: Backend, office: Office, *, slots: int, lost_after_seconds: float) -> Runner:
    """A runner that bears the names of this machine and process."""
    name = f"{socket.gethostname()}:{os.getpid()}"
    heartbeat, poll = lost_after_seconds / HEARTBEATS, min(1.0, lost_after_seconds / HEARTBEATS)
    return Runner(backend, office, name=name, slots=slots, poll_seconds=poll, heartbeat_seconds=heartbeat)


def application(service: Service, access: Access, *, slots: int, log: Path | None) -> FastAPI:
    """The API of a service with all its parts; with no slots it leaves the runs to workers elsewhere, and takes them back
    from those that are lost."""
    from assignment3_scaling.service.dashboard import render
    from assignment3_scaling.service.simulated.offline import loss as loss_function

    lost_after = service.settings.lost_after_seconds
    runner = runner_for(service.backend, service.workers, slots=slots, lost_after_seconds=lost_after)
    return create_app(
        service, access=access, runner=runner, page=lambda: render(service.backend.limits),
        loss_function=loss_function, lines=request_log(log),
    )  # fmt: skip


def request_log(file: Path | None) -> logging.Logger:
    """Where requests are logged, a JSON object a line: to a file that starts anew at 50 MB, or nowhere."""
    lines = logging.getLogger("assignment3_scaling.service.requests")
    lines.propagate = False
    lines.setLevel(logging.INFO)
    handler: logging.Handler = logging.NullHandler()
    if file is not None:
        handler = logging.handlers.RotatingFileHandler(file, maxBytes=LARGEST_LOG, backupCount=KEPT_LOGS)
    handler.setFormatter(logging.Formatter("%(message)s"))
    lines.handlers = [handler]
    return lines


class Server(uvicorn.Server):
    """Says where it listens once it does, which with port 0 nobody knows before."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        for server in self.servers:
            for listening in server.sockets:
                host, port = listening.getsockname()[:2]
                print(f"listening on http://{host}:{port}", flush=True)


def serve(app: FastAPI, host: str, port: int) -> None:
    """Answer requests until the process is told to stop, which is a way to end well."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))  # raised again by uvicorn once it has tidied up
    config = uvicorn.Config(app, host=host, port=port, log_level="warning", access_log=False, timeout_keep_alive=30)
    Server(config).run()
