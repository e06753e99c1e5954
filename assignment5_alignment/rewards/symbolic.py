"""Formulas compared by math-verify, in a process of its own that is ended when it takes too long.

The library's own clock is a signal, which only a main thread can have, and which does not interrupt everything; a process
can be ended whatever it does.
"""

import importlib.util
import json
import os
import select
import subprocess
import sys
import time
from types import TracebackType

_WORKER = """
import json, sys
from math_verify import parse, verify
print("ready", flush=True)
for line in sys.stdin:
    truth, answer = json.loads(line)
    try:
        readings = [parse(f"${text}$", parsing_timeout=None) for text in (truth, answer)]
        same = bool(verify(*readings, timeout_seconds=None))
    except Exception:
        same = False
    print("yes" if same else "no", flush=True)
"""


class SymbolicGraderMissingError(Exception):
    """The library math-verify is not installed; the message says what to do."""


class SymbolicGrader:
    """Compares answers as formulas: 2/4 and 1/2, 10^6 and 1000000, {1,2} and {2,1} are the same.

    A context manager; the process begins with the first comparison, and ends with the block. `seconds` is what one comparison
    may take, and `timeouts` counts those that took more: they are no match. `start_seconds` is what the library may take to load.

    Raises:
        SymbolicGraderMissingError: if math-verify is not installed.
    """

    def __init__(self, seconds: float = 5.0, start_seconds: float = 120.0) -> None:
        if importlib.util.find_spec("math_verify") is None:
            raise SymbolicGraderMissingError("math-verify is not installed: pip install -e '.[alignment]'")
        self.timeouts = 0
        self._seconds, self._start_seconds = seconds, start_seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "SymbolicGrader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def equal(self, answer: str, truth: str) -> bool:
        """Whether `answer` is the same formula as `truth`; False where neither can be read, or the time was too short."""
        reply = _line(self._asked(json.dumps([truth, answer]).encode() + b"\n"), self._seconds)
        if reply is None:
            self.timeouts += 1
            self.close()
        return reply == b"yes"

    def _asked(self, question: bytes) -> subprocess.Popen[bytes]:
        """A process that has been asked; where the last one has ended since, a new one."""
        process = self._process or self._start()
        try:
            process.stdin.write(question)
            process.stdin.flush()
        except BrokenPipeError:
            self.close()
            process = self._start()
            process.stdin.write(question)
            process.stdin.flush()
        return process

    def _start(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        if _line(self._process, self._start_seconds) != b"ready":
            self.close()
            raise SymbolicGraderMissingError(f"math-verify did not load within {self._start_seconds:g} s")
        return self._process


def _line(process: subprocess.Popen[bytes], seconds: float) -> bytes | None:
    """The next line that the process writes, or None where none comes in time, or ever."""
    end, content = time.monotonic() + seconds, b""
    while not content.endswith(b"\n"):
        ready, _, _ = select.select([process.stdout], [], [], max(end - time.monotonic(), 0))
        piece = os.read(process.stdout.fileno(), 1) if ready else b""
        if not piece:
            return None
        content += piece
    return content.strip()
