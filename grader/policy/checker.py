"""A process beside a judge that has imported the source check: to start one for each hand-in cost more than the check."""

import atexit
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, NamedTuple

from grader.policy.child import ENDED, PATIENCE, SECONDS

START_SECONDS = 60.0
# The packages' own `__init__` are not run, to start fast; their folders are named here, not by a search path.
START = (
    "import sys; Package = type(sys)\n"
    "for name, path in zip(('grader', 'grader.policy'), sys.argv[1:]):\n"
    "    sys.modules[name] = Package(name); sys.modules[name].__path__ = [path]\n"
    "from grader.policy.child import main; main()"
)


class Ended(NamedTuple):
    """How a check ended."""

    used: float
    """Seconds of processor time."""
    was_too_much: bool
    code: int


class Checker:
    """The process. One thread at a time uses it; it ends when this end of its channel is closed, or with the judge."""

    def __init__(self) -> None:
        here = Path(__file__).resolve().parent
        command = [sys.executable, "-I", "-S", "-B", "-W", "ignore", "-c", START, str(here.parent), str(here)]
        self._channel, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={}, cwd="/"
            )
        self._owner = os.getpid()

    def run(self, task: IO[bytes], output: IO[bytes], seconds: float) -> Ended:
        """Have a fork of the process do what the file `task` says in `seconds` of processor time, and write to `output`.

        Raises:
            OSError: the process is lost.
        """
        self._channel.settimeout(PATIENCE * seconds + START_SECONDS)
        socket.send_fds(self._channel, [SECONDS.pack(seconds)], [task.fileno(), output.fileno()])
        answer = self._channel.recv(ENDED.size, socket.MSG_WAITALL)
        if len(answer) < ENDED.size:
            raise ConnectionError("the process that checks hand-ins has ended")
        return Ended(*ENDED.unpack(answer))

    def is_mine(self) -> bool:
        """Whether it was started by this process, and not by the one that this is a fork of."""
        return self._owner == os.getpid()

    def close(self) -> None:
        """End it."""
        self._channel.close()
        self.process.kill()
        self.process.wait()


_kept: Checker | None = None
_lock = threading.Lock()


@atexit.register
def _end() -> None:
    if _kept is not None and _kept.is_mine():
        _kept.close()


def run(task: IO[bytes], output: IO[bytes], seconds: float) -> Ended:
    """`Checker.run` of the one that this process keeps; in a new one where there is none yet, or it is lost.

    Raises:
        OSError: a second one was lost, too.
    """
    global _kept
    with _lock:
        if _kept is not None and _kept.is_mine():
            try:
                return _kept.run(task, output, seconds)
            except OSError:
                _kept.close()
                for file in (task, output):
                    file.seek(0)
                output.truncate()
        _kept = Checker()
        return _kept.run(task, output, seconds)
