"""A job, the box it runs in, and what every engine offers."""

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from grader.sandbox import memory


@dataclass(frozen=True)
class Job:
    """A command with everything it may see and use.

    `readable` maps host paths to paths inside (read-only); an engine without a file system of its own ignores the
    inside. `hidden` are inside paths below readable ones that must appear empty. Sizes are MiB.
    """

    command: tuple[str, ...]
    readable: Mapping[Path, str]
    environment: Mapping[str, str]
    memory_mb: int
    processes: int
    tmp_mb: int
    open_files: int
    hidden: tuple[str, ...] = field(default=())


class Engine(Protocol):
    """One way to run a job."""

    name: str
    isolating: bool
    """Whether hostile code is contained; a report warns where it is not."""

    def missing(self) -> str | None:
        """What this machine lacks for the engine, in a few words, or None when it works."""

    def inside(self, path: Path, target: str) -> str:
        """Where a job of this engine finds the host's `path` that is made readable as `target`."""

    def start(self, job: Job) -> "Box":
        """Start the job.

        Raises:
            SandboxError: it could not be started.
        """


class Box:
    """A running job. `channel` is a socket to the command's standard input, `output` its captured output's end."""

    def __init__(
        self, process: "subprocess.Popen[bytes]", channel: socket.socket, clean_up: Callable[[], None]
    ) -> None:
        assert process.stdout is not None
        self.process = process
        self.channel = channel
        self.output = process.stdout
        self._clean_up = clean_up
        os.set_blocking(self.output.fileno(), False)

    def exceeds(self, limit_mb: float) -> bool:
        """Whether all processes in the box together hold more memory; never where the system does not tell."""
        return memory.of_tree(self.process.pid, limit_mb) > limit_mb

    def ended(self) -> str | None:
        """How the job ended (`exit code 3`, `signal 9`), or None while it runs."""
        code = self.process.poll()
        if code is None:
            return None
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def kill(self) -> None:
        """End every process of the box and free what it held. Safe to call twice."""
        for pid in memory.tree(self.process.pid)[1:]:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        self.channel.close()
        self.output.close()
        self._clean_up()
        self._clean_up = _nothing


def _nothing() -> None:
    pass
