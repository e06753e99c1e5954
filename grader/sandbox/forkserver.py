"""The engine `forkserver`: libraries are imported once, and each box is a fork with walls around it. Linux only.

The server (`grader.sandbox.inside.server`) is a process of its own; this module starts it, asks it for boxes, and
replaces it after some hundred of them, or when it finds itself changed.
"""

import atexit
import contextlib
import functools
import json
import os
import platform
import select
import signal
import socket
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Mapping
from io import FileIO
from pathlib import Path
from typing import Any

from grader.errors import SandboxError
from grader.sandbox import cgroups
from grader.sandbox.box import Box, Job
from grader.sandbox.inside import linux, seccomp
from grader.sandbox.inside.server import receive, send
from grader.sandbox.interpreter import FLAGS, interpreter, next_user

INSIDE = Path(__file__).parent / "inside"
# The server must not run the judge's `__init__` files: what it holds, hand-ins can read.
SERVE = (
    "import json, sys, types\n"
    "settings = json.loads(sys.argv[1])\n"
    "for name, folder in (('grader', None), ('grader.sandbox', None), ('grader.sandbox.inside', settings['inside'])):\n"
    "    sys.modules[name] = types.ModuleType(name)\n"
    "    sys.modules[name].__path__ = [folder] if folder else []\n"
    "from grader.sandbox.inside.server import main\n"
    "sys.modules['grader'].__path__ = settings['packages']\n"
    "main(settings)\n"
)
LOST = "lost"
BOXES = 500  # a server is replaced after so many
START_SECONDS, BOX_SECONDS, KILL_SECONDS = 120.0, 20.0, 10.0


class Forkserver:
    """See the table in `grader.sandbox`."""

    name = "forkserver"
    isolating = True

    def __init__(self) -> None:
        self._servers: dict[str, Server] = {}

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

    def _server(self, job: Job) -> "Server":
        key = _settings(job)
        server = self._servers.get(key)
        if server is not None and server.started >= BOXES and not any(box.held for box in server.boxes):
            self._drop(job)
            server = None
        if server is None:
            if not self._servers:
                atexit.register(self.close)
            server = self._servers[key] = Server(key, job.environment)
        return server

    def close(self) -> None:
        """End all servers, and with them what boxes they have."""
        for server in self._servers.values():
            server.close()
        self._servers.clear()

    def _drop(self, job: Job) -> None:
        server = self._servers.pop(_settings(job), None)
        if server is not None:
            server.close()


class ServerGone(Exception):
    """The server has ended, or does not answer."""


class Server:
    """A running server, as the judge sees it."""

    def __init__(self, settings: str, environment: Mapping[str, str]) -> None:
        self.started = 0
        self.boxes: weakref.WeakSet[Forked] = weakref.WeakSet()
        ours, theirs = socket.socketpair()
        self.said = tempfile.TemporaryFile(prefix="grader-server-")  # noqa: SIM115 — lives as long as the server
        with tempfile.TemporaryDirectory(prefix="grader-root-") as base:
            os.chmod(base, 0o755)
            try:
                self._process = subprocess.Popen(
                    [interpreter(), *FLAGS, "-c", SERVE, json.dumps({**json.loads(settings), "base": base})],
                    stdin=theirs.fileno(), stdout=self.said, stderr=self.said, env=dict(environment), close_fds=True,
                    start_new_session=True, cwd="/",
                )  # fmt: skip
            except OSError as error:
                raise SandboxError(f"the fork server could not be started: {error}") from None
            finally:
                theirs.close()
            self._control = ours
            try:
                self.offers = self._answer(ours, START_SECONDS)[0]
            except ServerGone as error:
                why = (self._last_words() or str(error)).splitlines()[-1]
                self.close()
                raise SandboxError(f"the fork server did not start: {why}") from None

    def box(self, job: Job) -> Box:
        """Have the server fork a box for `job`.

        Raises:
            ServerGone: it did not; a new server may.
            SandboxError: it tried to, and could not.
        """
        message = {
            "source": job.source,
            "arguments": job.arguments,
            "own": {str(path): place for path, place in job.own.items()},
            "limits": {
                "memory_mb": job.memory_mb, "processes": job.processes, "tmp_mb": job.tmp_mb,
                "open_files": job.open_files, "user": next_user(),
            },
        }  # fmt: skip
        channel, its_channel = socket.socketpair()
        status, its_status = socket.socketpair()
        reader, writer = os.pipe()
        try:
            send(self._control, message, [its_channel.fileno(), writer, its_status.fileno()])
        except OSError as error:
            for end in (channel, status):
                end.close()
            os.close(reader)
            raise ServerGone(f"{error}; {self._last_words()}") from None
        finally:
            its_channel.close()
            its_status.close()
            os.close(writer)
        output = FileIO(reader, "rb")
        try:
            told, descriptors = self._answer(status, BOX_SECONDS)
            if "error" in told:
                raise SandboxError(f"a box could not be made: {told['error']}")
        except BaseException:
            channel.close()
            status.close()
            output.close()
            raise
        self.started += 1
        life = Forked(int(told["pid"]), descriptors[0], status)
        self.boxes.add(life)
        return Box(life, channel, output, group=cgroups.confined(life.pid, job.memory_mb, job.processes))

    def close(self) -> None:
        """End the server, and with it what boxes it has."""
        self._control.close()
        self._process.kill()
        self._process.wait()
        self.said.close()

    def _answer(self, channel: socket.socket, seconds: float) -> tuple[dict[str, Any], list[int]]:
        channel.settimeout(seconds)
        try:
            answer = receive(channel, most=1)
        except (OSError, ValueError) as error:
            raise ServerGone(f"no answer: {error}") from None
        if answer is None:
            raise ServerGone(f"it hung up; {self._last_words()}")
        return answer

    def _last_words(self) -> str:
        self.said.seek(0)
        return self.said.read()[-500:].decode("utf-8", "replace").strip()


class Forked:
    """The life of a box that a server has forked. `handle` is a pidfd, `status` where its outer process tells the end."""

    def __init__(self, pid: int, handle: int, status: socket.socket) -> None:
        self.pid = pid
        self._handle = handle
        self._status = status
        self._end: str | None = None

    @property
    def held(self) -> bool:
        """Whether it has not been killed yet."""
        return self._handle >= 0

    def ended(self) -> str | None:
        """See `Life`."""
        end = self._end or self._told(0)
        if end == LOST:
            raise SandboxError("the fork server, or the process that watches over a box, was killed from outside")
        return end

    def kill(self) -> None:
        """See `Life`. The kernel ends all processes of a namespace with its first."""
        if self._handle >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            self._told(KILL_SECONDS)
            os.close(self._handle)
            self._handle = -1
            self._status.close()

    def _told(self, seconds: float) -> str | None:
        if self._end is None and self._handle >= 0 and select.select([self._status], [], [], seconds)[0]:
            self._status.settimeout(KILL_SECONDS)
            try:
                answer = receive(self._status)
            except (OSError, ValueError):
                answer = None
            self._end = str(answer[0].get("ended")) if answer else LOST
        return self._end


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
