"""A program of the repository in a process of its own, as a person starts it, that can be waited for, stopped and killed."""

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

REPOSITORY = Path(__file__).resolve().parents[2]
SECONDS = 200
"""How long a process may take to say what is waited for; the machine may be busy."""


class Started:
    """`python -m …` as a process whose output is read by lines; `wait_for` a line, `kill` it hard, or `stop` it."""

    def __init__(self, *arguments: object, cwd: Path = REPOSITORY, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", *map(str, arguments)], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, env={**os.environ, **environment},
        )  # fmt: skip
        self.lines: list[str] = []
        self._changed = threading.Condition()
        self._ended = False
        assert self.process.stdout is not None
        self._reader = threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True)
        self._reader.start()

    def _read(self, output: IO[str]) -> None:
        for line in output:
            with self._changed:
                self.lines.append(line.rstrip())
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def wait_for(self, pattern: str) -> re.Match[str]:
        """The first line that matches."""

        def found() -> re.Match[str] | None:
            return next((match for line in self.lines if (match := re.search(pattern, line))), None)

        with self._changed:
            self._changed.wait_for(lambda: found() or self._ended, SECONDS)
            match = found()
        assert match is not None, f"no line like {pattern!r} in:\n" + "\n".join(self.lines)
        return match

    def kill(self) -> None:
        """End it as a power cut would: it has no chance to tidy up."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end."""
        self._end(signal.SIGTERM)

    def _end(self, number: int) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(SECONDS)
        self._reader.join(SECONDS)
        assert self.process.stdout is not None
        self.process.stdout.close()
