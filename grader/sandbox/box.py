"""A job, the box it runs in, and what every engine offers."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from typing import Protocol

from grader.sandbox import memory
from grader.sandbox.cgroups import Group


@dataclass(frozen=True)
class Job:
    """A Python program with everything it may see and use.

    `source` runs as `python -c` would run it, with `arguments`. `shared` and `own` map host paths to paths inside,
    read-only; an engine without a file system of its own ignores the inside. `own` is this job's alone; `shared`, the
    libraries, is the same for many jobs, and so is `warm`: source that an engine may run once ahead of them all, and
    that changes nothing but how soon `source` is under way. `hidden` are inside paths below shared ones that must
    appear empty. `devices` are device files that it may use beside the usual ones; of the engines that hide any, only
    `bubblewrap` can show them. Sizes are MiB.
    """

    source: str
    environment: Mapping[str, str]
    memory_mb: int
    processes: int
    tmp_mb: int
    open_files: int
    arguments: tuple[str, ...] = ()
    own: Mapping[Path, str] = field(default_factory=dict)
    shared: Mapping[Path, str] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    warm: str = ""
    devices: tuple[str, ...] = ()


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


class Life(Protocol):
    """The processes of a box, seen from outside. `pid` is the first of them."""

    pid: int

    def ended(self) -> str | None:
        """How the first process ended (`exit code 3`, `signal 9`), or None while it runs.

        Raises:
            SandboxError: it was lost by no doing of its own.
        """

    def kill(self) -> None:
        """End every process, and return when they are gone."""


class Box:
    """A running job. `channel` is a socket to the program's standard input, `output` its captured output's end."""

    def __init__(
        self,
        life: Life,
        channel: socket.socket,
        output: FileIO,
        clean_up: Callable[[], None] = lambda: None,
        group: Group | None = None,
    ) -> None:
        self.life = life
        self.channel = channel
        self.output = output
        self._clean_up = clean_up
        self._group = group
        os.set_blocking(self.output.fileno(), False)

    def exceeds(self, limit_mb: float) -> bool:
        """Whether all processes in the box together hold, or wanted, more memory; never where the system does not tell."""
        if self._group is not None and self._group.out_of_memory():
            return True
        return memory.of_tree(self.life.pid, limit_mb) > limit_mb

    def ended(self) -> str | None:
        """How the job ended (`exit code 3`, `signal 9`), or None while it runs.

        Raises:
            SandboxError: the engine lost it, by no doing of the job's.
        """
        return self.life.ended()

    def wait(self, seconds: float) -> str | None:
        """How the job ended, waiting up to `seconds` for it; None if it still runs then."""
        deadline = time.monotonic() + seconds
        while (end := self.ended()) is None and time.monotonic() < deadline:
            time.sleep(0.005)
        return end

    def kill(self) -> None:
        """End every process of the box and free what it held. Safe to call twice."""
        self.life.kill()
        self.channel.close()
        self.output.close()
        if self._group is not None:
            self._group.remove()
        self._clean_up()
        self._clean_up = lambda: None


class Child:
    """The life of a box that is a child of this process, in a session of its own."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self.pid = process.pid

    def ended(self) -> str | None:
        """See `Life`."""
        code = self._process.poll()
        if code is None:
            return None
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def kill(self) -> None:
        """See `Life`."""
        for pid in memory.tree(self.pid)[1:]:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()


def spawn(
    command: list[str], environment: Mapping[str, str], folder: str, keep: tuple[int, ...] = ()
) -> tuple[Child, socket.socket, FileIO]:
    """Start a command in a session of its own; its standard input is the channel, what it prints is captured.

    `keep` are open files that it inherits.

    Raises:
        OSError: it could not be started.
    """
    ours, theirs = socket.socketpair()
    reader, writer = os.pipe()
    try:
        process = subprocess.Popen(
            command, stdin=theirs.fileno(), stdout=writer, stderr=writer, env=dict(environment), close_fds=True,
            start_new_session=True, cwd=folder, pass_fds=keep,
        )  # fmt: skip
    except OSError:
        ours.close()
        os.close(reader)
        raise
    finally:
        theirs.close()
        os.close(writer)
    return Child(process), ours, FileIO(reader, "rb")
