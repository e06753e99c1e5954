"""Has hand-ins read in a process with limits: a stranger's file may be made to exhaust a lexer.

Covered: time, memory, the size of the answer. A hand-in on which the process dies or stalls is `Unread`; the next one
gets a fresh process. Hashes agree between processes because all start with the same hash seed.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, cast

import grader
from grader.errors import GraderError
from grader.similarity.fingerprint import WINDOW, Fingerprint, from_json

SECONDS = 20.0
START_SECONDS = 120.0
MEMORY_MB = 512
"""On top of what the libraries take."""
MOST_REPLY = 128 * 2**20
# As in the policy's process: packages by their folders, so that what the caller's path says decides nothing.
START = (
    "import sys; Package = type(sys)\n"
    "for name, path in zip(('grader', 'grader.similarity'), sys.argv[3:]):\n"
    "    sys.modules[name] = Package(name); sys.modules[name].__path__ = [path]\n"
    "from grader.similarity.child import main; main(int(sys.argv[1]), int(sys.argv[2]))"
)


class Unread(Exception):
    """A hand-in that could not be read within the limits; the message says why."""


class Reader:
    """One such process, started when it is needed. Not for use by two threads."""

    def __init__(self, seconds: float = SECONDS, memory_mb: int = MEMORY_MB) -> None:
        self._seconds = seconds
        self._memory_mb = memory_mb
        self._child: subprocess.Popen[bytes] | None = None

    def close(self) -> None:
        """End the process."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def fingerprint(self, files: Sequence[tuple[str, str]], window: int = WINDOW) -> Fingerprint:
        """The fingerprint of `files`, given as names and texts.

        Raises:
            Unread: the files cannot be read within the limits.
            GraderError: the process does not start, which is not the files' fault.
        """
        request = json.dumps({"files": list(files), "window": window}).encode()
        answer = self._ask(self._started(), request, self._seconds)
        try:
            if "error" in answer:
                raise Unread(f"ran into the limits of the comparison ({answer['error']})")
            return from_json(answer)
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            self.close()
            raise Unread(f"was read as something else than a fingerprint ({error})") from None

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            here = Path(__file__).resolve().parent
            limits = [str(self._memory_mb), str(int(self._seconds) + 1)]
            self._child = subprocess.Popen(
                [sys.executable, "-s", "-P", "-B", "-W", "ignore", "-c", START, *limits, *grader.__path__, str(here)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",
                # HOME, because copydetect loads matplotlib, which keeps its list of fonts there.
                env={
                    "PYTHONHASHSEED": "0",
                    "HOME": os.environ.get("HOME", "/"),
                    "MPLBACKEND": "Agg",
                    "OPENBLAS_NUM_THREADS": "1",
                },
            )
            try:
                self._ask(self._child, b"", START_SECONDS)
            except Unread as error:
                raise GraderError(f"the process that reads hand-ins does not start: it {error}") from None
        return self._child

    def _ask(self, child: subprocess.Popen[bytes], request: bytes, seconds: float) -> dict[str, Any]:
        """The answer to `request`, or to the start where that is empty."""
        stdin, stdout = cast(IO[bytes], child.stdin), cast(IO[bytes], child.stdout)  # both are pipes
        begun = time.monotonic()
        timer = threading.Timer(seconds, child.kill)
        timer.start()
        try:
            if request:
                stdin.write(request + b"\n")
                stdin.flush()
            line = stdout.readline(MOST_REPLY + 1)
        except BrokenPipeError:
            line = b""
        finally:
            timer.cancel()
        try:
            answer = json.loads(line) if line.endswith(b"\n") else None
        except ValueError:
            answer = None
        if isinstance(answer, dict):
            return answer
        self.close()
        if time.monotonic() - begun >= seconds or child.returncode == -signal.SIGXCPU:
            raise Unread(f"took more than {seconds:g} s to read")
        raise Unread(f"ended the process that read it (code {child.returncode})")
