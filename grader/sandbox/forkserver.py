"""The engine `forkserver`: libraries are imported once, and each box is a fork with walls around it. Linux only.

The server (`grader.sandbox.box_server`) is a process of its own; this module starts it, or joins one that another
process offers, asks it for boxes, and replaces it after some hundred of them, or when it finds itself changed.
"""

import atexit
import contextlib
import functools
import hashlib
import json
import platform
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from grader.errors import SandboxError
from grader.sandbox.box import Box, Job
from grader.sandbox.box_server import BOX_SECONDS, Process, Server, ServerGone
from grader.sandbox.inside import linux, seccomp

INSIDE = Path(__file__).parent / "inside"
BOXES = 500  # a server is replaced after so many


class Forkserver:
    """See the table in `grader.sandbox`."""

    name = "forkserver"
    isolating = True

    def __init__(self) -> None:
        self._servers: dict[str, Server] = {}
        self._offers: Path | None = None

    def missing(self) -> str | None:
        return _missing()

    def inside(self, path: Path, target: str) -> str:
        return target

    def start(self, job: Job) -> Box:
        for attempt in range(2):
            server = self._server(job)
            try:
                return server.box(job)
            except ServerGone as error:
                self._drop(job)
                if attempt:
                    raise SandboxError(f"the fork server ends whenever it is asked for a box: {error}") from None
        raise AssertionError

    @contextlib.contextmanager
    def offered(self, job: Job, folder: Path) -> Iterator[None]:
        """Begin to start a server for jobs like this one, for other processes to `join` in `folder`."""
        settings = _settings(job)
        with tempfile.TemporaryDirectory(prefix="grader-root-") as base:
            process = Process(settings, job.environment, Path(base), _place(folder, settings))
            try:
                yield
            finally:
                process.end()

    def join(self, folder: Path) -> None:
        """Have servers that are offered in `folder` fork this process's own, where they fit."""
        self._offers = folder

    def close(self) -> None:
        """End all servers, and with them what boxes they have."""
        for server in self._servers.values():
            server.close()
        self._servers.clear()

    def _server(self, job: Job) -> Server:
        key = _settings(job)
        server = self._servers.get(key)
        if server is not None and server.started >= BOXES and not any(box.held for box in server.boxes):
            self._drop(job)
            server = None
        if server is None:
            if not self._servers:
                atexit.register(self.close)
            server = self._servers[key] = self._joined(key) or Server.start(key, job.environment)
        return server

    def _joined(self, settings: str) -> Server | None:
        if self._offers is None or not (place := _place(self._offers, settings)).exists():
            return None
        try:
            return Server.join(place)
        except ServerGone:  # one of our own says why
            return None

    def _drop(self, job: Job) -> None:
        server = self._servers.pop(_settings(job), None)
        if server is not None:
            server.close()


def _place(folder: Path, settings: str) -> Path:
    """Where a server listens that was started with these settings."""
    return folder / hashlib.sha256(settings.encode()).hexdigest()[:24]


def _settings(job: Job) -> str:
    """What a server is made for; jobs that agree in it share one."""
    python = Path(sys.base_prefix)
    shared = {str(path): place for path, place in job.shared.items()}
    if Path("/usr") not in (python, *python.parents):
        shared[str(python)] = str(python)
    return json.dumps(
        {
            "inside": str(INSIDE),
            "packages": [f"{place}/grader" for place in job.shared.values()],
            "shared": shared,
            "hidden": job.hidden,
            "places": sorted(job.own.values()),
            "warm": job.warm,
        }
    )


@functools.cache
def _missing() -> str | None:
    if sys.platform != "linux":
        return "needs Linux"
    if platform.machine() not in linux.NUMBERS or not seccomp.supported():
        return f"is not made for machines of the kind {platform.machine()}"
    engine = Forkserver()
    job = Job("import os; os._exit(7)", {"PATH": "/usr/bin:/bin"}, 512, 16, 16, 64)
    try:
        box = engine.start(job)
    except SandboxError as error:
        return str(error).strip().splitlines()[-1][:200]
    try:
        end = box.wait(BOX_SECONDS)
        said = (box.output.read(2000) or b"").decode("utf-8", "replace").strip()
    finally:
        box.kill()
        engine._drop(job)
    return None if end == "exit code 7" else f"a box ended with {end}: {said.splitlines()[-1] if said else ''}"
