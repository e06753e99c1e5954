"""A server that forks boxes (`grader.sandbox.inside.server`), as the process sees it that asks it for them.

A server is started, or joined: one that listens at a path forks a server of its own for whoever connects, which has
imported everything already. What is joined ends with the one that was joined, or with whoever asks it for boxes.
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from io import FileIO
from pathlib import Path
from typing import IO, Any

from grader.errors import SandboxError
from grader.sandbox import cgroups
from grader.sandbox.box import Box, Job
from grader.sandbox.inside.server import receive, send
from grader.sandbox.interpreter import FLAGS, interpreter, next_user

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
START_SECONDS, BOX_SECONDS, KILL_SECONDS = 120.0, 20.0, 10.0
WAITING = 64  # judges that may have connected before the server has imported everything


class ServerGone(Exception):
    """The server has ended, or does not answer."""


class Process:
    """A server's process. It listens at `place`, where one is given; it ends with this process."""

    def __init__(self, settings: str, environment: Mapping[str, str], base: Path, place: Path | None = None) -> None:
        base.chmod(0o755)
        self.said: IO[bytes] = tempfile.TemporaryFile(prefix="grader-server-")  # noqa: SIM115 — lives as long as the server
        self.control, theirs = socket.socketpair()
        with contextlib.ExitStack() as ours:
            ours.enter_context(theirs)
            listener = None if place is None else ours.enter_context(_listening(place))
            number = None if listener is None else listener.fileno()
            try:
                self._process = subprocess.Popen(
                    [interpreter(), *FLAGS, "-c", SERVE,
                     json.dumps({**json.loads(settings), "base": str(base), "listener": number})],
                    stdin=theirs.fileno(), stdout=self.said, stderr=self.said, env=dict(environment), close_fds=True,
                    pass_fds=[] if number is None else [number], start_new_session=True, cwd="/",
                )  # fmt: skip
            except OSError as error:
                raise SandboxError(f"the fork server could not be started: {error}") from None

    def end(self) -> None:
        """End it, and with it what boxes it has."""
        self.control.close()
        self._process.kill()
        self._process.wait()
        self.said.close()

    def last_words(self) -> str:
        """The end of what it has printed."""
        self.said.seek(0)
        return self.said.read()[-500:].decode("utf-8", "replace").strip()


class Joined:
    """A server that another has forked for this process."""

    def __init__(self, control: socket.socket, handle: int) -> None:
        self.control = control
        self._handle = handle

    def end(self) -> None:
        """End it, and with it what boxes it has."""
        self.control.close()
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        select.select([self._handle], [], [], KILL_SECONDS)
        os.close(self._handle)

    def last_words(self) -> str:
        """Nothing: what it prints goes to those who started the first server."""
        return ""


class Server:
    """A running server, to be asked for boxes."""

    def __init__(self, process: Process | Joined) -> None:
        self.started = 0
        self.boxes: weakref.WeakSet[Forked] = weakref.WeakSet()
        self._process = process

    @classmethod
    def start(cls, settings: str, environment: Mapping[str, str]) -> "Server":
        """A server of one's own, when it is ready.

        Raises:
            SandboxError: it does not start.
        """
        with tempfile.TemporaryDirectory(prefix="grader-root-") as base:
            process = Process(settings, environment, Path(base))
            try:
                answer(process.control, START_SECONDS)
            except ServerGone as error:
                why = (process.last_words() or str(error)).splitlines()[-1]
                process.end()
                raise SandboxError(f"the fork server did not start: {why}") from None
        return cls(process)

    @classmethod
    def join(cls, place: Path) -> "Server":
        """A server forked by the one that listens at `place`, when that is ready.

        Raises:
            ServerGone: nothing listens there, or it has ended.
        """
        control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with _short(place) as short:
                control.connect(short)
            _, handles = answer(control, START_SECONDS)
        except (OSError, ServerGone) as error:
            control.close()
            raise ServerGone(f"{place}: {error}") from None
        return cls(Joined(control, handles[0]))

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
            send(self._process.control, message, [its_channel.fileno(), writer, its_status.fileno()])
        except OSError as error:
            for end in (channel, status):
                end.close()
            os.close(reader)
            raise ServerGone(f"{error}; {self._process.last_words()}") from None
        finally:
            its_channel.close()
            its_status.close()
            os.close(writer)
        output = FileIO(reader, "rb")
        try:
            told, descriptors = answer(status, BOX_SECONDS)
            if "error" in told:
                raise SandboxError(f"a box could not be made: {told['error']}")
        except ServerGone as error:
            _close(channel, status, output)
            raise ServerGone(f"{error}; {self._process.last_words()}") from None
        except BaseException:
            _close(channel, status, output)
            raise
        self.started += 1
        life = Forked(int(told["pid"]), descriptors[0], status)
        self.boxes.add(life)
        return Box(life, channel, output, group=cgroups.confined(life.pid, job.memory_mb, job.processes))

    def close(self) -> None:
        """End the server, and with it what boxes it has."""
        self._process.end()


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
                told = receive(self._status)
            except (OSError, ValueError):
                told = None
            self._end = str(told[0].get("ended")) if told else LOST
        return self._end


def answer(channel: socket.socket, seconds: float) -> tuple[dict[str, Any], list[int]]:
    """What the server says next, and the open file that may come with it.

    Raises:
        ServerGone: it says nothing in time, or has hung up.
    """
    channel.settimeout(seconds)
    try:
        said = receive(channel, most=1)
    except (OSError, ValueError) as error:
        raise ServerGone(f"no answer: {error}") from None
    if said is None:
        raise ServerGone("it hung up")
    return said


def _listening(place: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with _short(place) as short:
        listener.bind(short)
    listener.listen(WAITING)
    return listener


@contextlib.contextmanager
def _short(place: Path) -> Iterator[str]:
    """The path by way of an open folder: an address holds 107 bytes, and temporary folders may lie deep."""
    folder = os.open(place.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{place.name}"
    finally:
        os.close(folder)


def _close(*ends: socket.socket | FileIO) -> None:
    for end in ends:
        end.close()
