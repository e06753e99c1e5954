"""Worker processes: started with one thread each and assignment 1 on their path, kept for the next run, replaced when lost."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from assignment3_scaling.service.backend import Preempted
from assignment3_scaling.service.training import basics
from assignment3_scaling.service.training.task import Event, Task

SILENCE_SECONDS = 60.0
START_SECONDS = 300.0
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class WorkerProcess:
    """One process that trains. One thread at a time has it run tasks; any thread may end it meanwhile."""

    def __init__(self, package: basics.Files, silence_seconds: float = SILENCE_SECONDS) -> None:
        """`package` is assignment 1; a process that says nothing for `silence_seconds` is given up."""
        self._silence_seconds = silence_seconds
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed with the process
        self._closing = threading.Lock()  # while the streams are read or closed
        # `-P`: not the working directory, where assignment 1's stubs may lie, but the path says what is imported.
        path = os.pathsep.join([str(basics.laid(package)), str(basics.ROOT)])
        environment = os.environ | {"PYTHONPATH": path, "CUBLAS_WORKSPACE_CONFIG": ":4096:8"}
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "assignment3_scaling.service.training.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True, cwd=Path(path.split(os.pathsep)[0]),
            env=environment | dict.fromkeys(THREADS, "1"),
        )  # fmt: skip
        self._stdin, self._stdout = cast(IO[str], self.process.stdin), cast(IO[str], self.process.stdout)
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            if self._next(START_SECONDS) is None:
                raise RuntimeError(f"a process that trains has not started: {self.last_words()}")
        except BaseException:
            self.close()
            raise

    def events(self, task: Task) -> Iterator[Event]:
        """Run a task: its losses, and the event that ends it. A process whose events were not read to the end is done for.

        Raises:
            Preempted: the process was killed, or has said nothing for too long.
        """
        with contextlib.suppress(BrokenPipeError, ValueError):  # it has ended, which is told below
            self._stdin.write(task.line() + "\n")
            self._stdin.flush()
        while True:
            event = self._next(self._silence_seconds)
            if event is None:
                code, said = self.process.poll(), self.last_words()
                self.close()
                if code is None or code < 0:
                    raise Preempted("the process was killed" if code else "the process had hung")
                yield {"event": "failed", "reason": "unexpected", "text": f"the process ended with {code}: {said}"}
                return
            if event["event"] != "alive":
                yield event
            if event["event"] in ("ended", "failed"):
                return

    def is_there(self) -> bool:
        """Whether the process can take another task."""
        return self.process.poll() is None

    def last_words(self) -> str:
        """The last line that the process wrote to standard error."""
        with self._closing:
            if self._errors.closed:
                return "it was ended from here"
            self._errors.seek(0)
            lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "without a word"

    def close(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        with self._closing:
            for stream in (self._stdin, self._stdout, self._errors):
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def _read(self) -> None:
        for line in self._stdout:
            self._events.put(json.loads(line))
        self.process.wait()
        self._events.put(None)

    def _next(self, seconds: float) -> Event | None:
        """The next event; None if the process has ended, or nothing came."""
        try:
            return self._events.get(timeout=seconds)
        except queue.Empty:
            return None
