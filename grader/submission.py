"""A submission as the judge sees it: calls with a deadline, plain data back, or a `SubmissionError`.

Holds at most one box at a time. A call that overruns its deadline, its memory or the frame limits, or whose process
ends, costs the test at hand: the box is killed and the next test gets a fresh one.
"""

import contextlib
import functools
import os
import selectors
import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from grader import boxes, wire
from grader.assignment import Assignment
from grader.errors import (
    SandboxError,
    SubmissionCrash,
    SubmissionError,
    SubmissionMemory,
    SubmissionTimeout,
    WireError,
)
from grader.integrity import Notice
from grader.observed import Observed
from grader.patience import Patience
from grader.replies import FrameReader, error_of
from grader.sandbox import Box, Engine, Job, memory

TICK = 0.05  # seconds between looks at memory while a call runs
LATE_READS = 4  # after the deadline: an answer may have come in time, and the judge too late to it
ATTEMPTS = 2  # a box that dies before student code ran is started once more, then it is our fault
TEST = {"op": "test"}


class Submission:
    """One overlaid hand-in (`tree` is the worker's view of it), reached through boxes of one engine."""

    def __init__(self, assignment: Assignment, tree: Path, engine: Engine, guard: Mapping[str, str]) -> None:
        self.assignment = assignment
        self.tree = tree
        self.engine = engine
        self.guard = guard
        self.output = bytearray()
        self.versions: dict[str, str] = {}
        self.observed = Observed()
        self._box: Box | None = None
        self._starting: Future[Box] | None = None
        self._ready = False
        self._begun = False
        self._ending = False
        self._in_test = ""
        self._number = 0
        self._spent = self._given = 0.0
        self._lost_imports: list[SubmissionError] = []

    def warm_up(self) -> None:
        """Begin to start a box and to import the hand-in; what has to be done meanwhile costs no time.

        Should it fail, the first test tells.
        """
        self._starting = _beside().submit(self._started, self._job())

    def _started(self, job: Job) -> Box:
        box = self.engine.start(job)
        box.channel.settimeout(self.assignment.limits.call_seconds)
        with contextlib.suppress(OSError):  # it has ended at once: whoever reads from it is told
            box.channel.sendall(wire.encode(TEST))
        return box

    def begin(self, problem: str) -> None:
        """Have a fresh child import the hand-in for a test of `problem`.

        Raises:
            SubmissionError: the import failed; the message is the student's.
            SandboxError: no box could be started.
        """
        if len(self._lost_imports) >= ATTEMPTS:
            raise self._lost_imports[-1]
        self._ended()
        self._start()
        self._in_test = problem
        self.observed.test_begins()
        self._number += 1
        try:
            if not self._begun:
                self._send(TEST)
            self._begun = False
            self._result("importing the hand-in", -1)
        except (SubmissionTimeout, SubmissionMemory, SubmissionCrash) as error:
            # Importing costs a deadline each time it hangs: after two such losses the others are not tried.
            self._lost_imports.append(error)
            raise
        except SubmissionError:
            self.end()
            raise

    def call(self, target: str, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a function of the hand-in (`adapters`) or of the staff's `drivers`, and return plain data.

        Raises:
            SubmissionError: it raised, overran a limit, or returned what is not plain data.
        """
        if self._box is None:
            raise SubmissionCrash(f"{name} was not called: the worker had ended")
        self._number += 1
        self._send(
            {
                "op": "call",
                "id": self._number,
                "target": target,
                "name": name,
                "args": list(args),
                "kwargs": kwargs,
            }
        )
        return self._result(name, self._number)

    def end(self) -> None:
        """End the test. Its processes and files go while the judge does other things, and before the next one begins."""
        self._in_test, problem = "", self._in_test
        if self._box is None or not problem:
            return
        try:
            self._send({"op": "end"})
            self._ending = True
        except SubmissionError:
            self._drop()

    def _ended(self) -> None:
        """Wait until the last test has ended altogether."""
        if not self._ending:
            return
        self._ending = False
        try:
            reply = self._reply("ending the test", 10.0)
        except SubmissionError:
            self._drop()
            return
        self.observed.take_leavings(reply)
        self._begun = reply.get("begun") is True
        if reply.get("clean") is not True:
            self._drop()

    def processes(self) -> list[int]:
        """The processes of the box, by the numbers they have outside; none where there is no box."""
        return [] if self._box is None else memory.tree(self._box.life.pid)

    @contextlib.contextmanager
    def still(self) -> Iterator[None]:
        """A block in which no process of the box runs. What one was about to start is stopped, too, before the block begins."""
        stopped: set[int] = set()
        try:
            while moving := set(self.processes()) - stopped:
                _signal(moving, signal.SIGSTOP)
                stopped |= moving
            yield
        finally:
            _signal(stopped, signal.SIGCONT)

    def denied(self) -> float:
        """Seconds that a busy machine took from the hand-in, in calls that were not short."""
        return self._given

    def close(self) -> None:
        """End everything."""
        self._ended()
        with contextlib.suppress(SandboxError):
            self._take_started()
        self._drop()

    def _take_started(self) -> None:
        """Take the box that was begun to be started, if one was."""
        starting, self._starting = self._starting, None
        if starting is not None:
            self._box = starting.result()
            self._begun = True

    def _start(self) -> None:
        for attempt in range(ATTEMPTS):
            if self._ready:
                return
            with contextlib.suppress(SandboxError):  # tried once more
                self._take_started()
            if self._box is None:
                self._box = self.engine.start(self._job())
            try:
                ready = self._reply("starting the worker", self.assignment.limits.start_seconds)
                self.versions = {str(k): str(v)[:50] for k, v in dict(ready["versions"]).items()}
                self._ready = True
            except (SubmissionError, KeyError, TypeError, ValueError) as error:
                self._drop()
                if attempt == ATTEMPTS - 1:
                    tail = self.output[-500:].decode("utf-8", "replace").strip()
                    raise SandboxError(
                        f"the worker did not start: {error}; its last output: {tail or 'none'}"
                    ) from None

    def _job(self) -> Job:
        return boxes.job_of(self.assignment, self.engine, self.tree, self.guard)

    def _living(self) -> Box:
        if self._box is None:
            raise SubmissionCrash("the worker had ended")
        return self._box

    def _send(self, value: Any) -> None:
        box = self._living()
        box.channel.settimeout(self.assignment.limits.call_seconds)
        try:
            box.channel.sendall(wire.encode(value))
        except OSError:
            raise self._lost("taking the arguments") from None

    def _result(self, what: str, number: int) -> Any:
        seconds = self.assignment.call_seconds(self._in_test)
        left = self.assignment.limits.submission_seconds - self._spent
        if left <= 0:
            self._drop()
            raise SubmissionTimeout(
                f"{what}: the whole submission used up its {self.assignment.limits.submission_seconds:g} s"
            )
        start, given = time.monotonic(), self._given
        try:
            reply = self._reply(what, min(seconds, left))
        finally:
            self._spent += time.monotonic() - start - (self._given - given)
        known = type(reply.get("id")) is int and reply["id"] == number
        if not known or not ({"value", "error"} & reply.keys()):
            self._drop()
            self.observed.notice(Notice("channel", "a reply to no call"))
            raise SubmissionCrash(f"{what}: the worker sent something that is not the reply to this call")
        if "error" in reply:
            raise error_of(what, reply["error"])
        self.observed.take_events(self._in_test, reply.get("events"))
        return reply["value"]

    def _reply(self, what: str, seconds: float) -> dict[Any, Any]:
        """The next frame, whole, within `seconds`; reads the box's output and watches its memory meanwhile."""
        box = self._living()
        reader, notes, late = FrameReader(), 0, 0
        patience = Patience(box.life.pid, seconds)
        with selectors.DefaultSelector() as selector:
            box.channel.setblocking(False)
            selector.register(box.channel, selectors.EVENT_READ)
            selector.register(box.output, selectors.EVENT_READ)
            looked = time.monotonic()  # most calls are over before their memory could matter
            while True:
                now, left = time.monotonic(), patience.left()
                late += left <= 0
                if late > LATE_READS:
                    self._given += patience.given
                    self._drop()
                    raise SubmissionTimeout(f"{what}: no answer within {seconds:.3g} s")
                if now - looked > TICK:
                    looked = now
                    patience.look()
                    self._watch_memory(what)
                for key, _ in selector.select(0 if left <= 0 else min(TICK, max(left, 0.01))):
                    if key.fileobj is box.output:
                        if not self._drain():
                            selector.unregister(box.output)
                        continue
                    try:
                        if not reader.read(box.channel):
                            continue
                        reply = self._decode(reader, what)
                        if "noticed" not in reply:
                            self._given += patience.settle()
                            return reply
                        reader, notes = FrameReader(), notes + 1
                        self.observed.take_note(reply["noticed"], notes)
                    except (ConnectionError, EOFError):
                        raise self._lost(what) from None
                    except WireError as error:
                        self._drop()
                        self.observed.notice(Notice("channel", "a malformed frame"))
                        raise SubmissionCrash(f"{what}: the worker sent a malformed reply: {error}") from None

    def _decode(self, reader: FrameReader, what: str) -> dict[Any, Any]:
        value = reader.value()
        if not isinstance(value, dict):
            raise WireError("a reply is not a dict")
        if "ended" in value and what != "ending the test":
            ended = str(value["ended"])[:40]
            self.observed.take_leavings(value)
            self._watch_memory(what)  # the kernel may have been quicker than we
            self._drop()
            raise SubmissionCrash(f"{what}: the process ended ({ended})")
        return value

    def _watch_memory(self, what: str) -> None:
        limit = self.assignment.limits.memory_mb
        if self._living().exceeds(limit):
            self._drop()
            raise SubmissionMemory(f"{what}: used more than the limit of {limit} MiB")

    def _drain(self) -> bool:
        """Read what the box printed; keep the beginning, drop the rest; False at its end."""
        try:
            piece = self._living().output.read(2**16)
        except BlockingIOError:
            return True
        if piece:
            room = self.assignment.limits.output_kb * 1024 - len(self.output)
            self.output += piece[: max(room, 0)]
        return piece is None or bool(piece)

    def _lost(self, what: str) -> SubmissionCrash:
        """The box hung up: say how it ended, and let go of it."""
        box = self._living()
        try:
            how = box.wait(TICK) or "its channel was closed"
            self._watch_memory(what)
        finally:
            self._drop()
        return SubmissionCrash(f"{what}: the worker ended ({how})")

    def _drop(self) -> None:
        box, self._box = self._box, None
        self._ready = self._begun = self._ending = False
        if box is not None:
            box.kill()


@functools.cache
def _beside() -> ThreadPoolExecutor:
    """The thread that starts boxes. It lives as long as this process: the kernel ends what it started when it ends."""
    return ThreadPoolExecutor(1, "starting-boxes")


os.register_at_fork(after_in_child=_beside.cache_clear)


def _signal(processes: Iterable[int], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, number)
