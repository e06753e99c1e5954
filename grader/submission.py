"""A submission as the judge sees it: calls with a deadline, plain data back, or a `SubmissionError`.

Holds at most one box at a time. A call that overruns its deadline, its memory or the frame limits, or whose process
ends, costs the test at hand: the box is killed and the next test gets a fresh one.
"""

import atexit
import contextlib
import functools
import json
import os
import selectors
import shutil
import socket
import sysconfig
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import integrity, wire
from grader.assignment import Assignment, names
from grader.errors import (
    SandboxError,
    SubmissionCrash,
    SubmissionError,
    SubmissionMemory,
    SubmissionNotImplemented,
    SubmissionRaised,
    SubmissionTimeout,
    WireError,
)
from grader.integrity import Notice
from grader.sandbox import Box, Engine, Job

COURSE, LIBRARY, SITE = "/course", "/worker", "/site"
TICK = 0.05  # seconds between looks at memory while a call runs
WORKER_FILES = (
    *("__init__.py", "errors.py", "wire.py", "guard.py", "tripwires.py"),
    *(
        f"worker/{name}.py"
        for name in ("__init__", "channel", "code", "leftovers", "libraries", "loop", "serving", "template")
    ),
)
MAX_EVENTS = 200
MAX_NOTES = 200  # between two replies; a worker that has more to tell is not answering
ATTEMPTS = 2  # a box that dies before student code ran is started once more, then it is our fault
TEST = {"op": "test"}
# The tree comes last on the path: no file of a hand-in can stand in for a library.
START = (
    "import json, sys; settings = json.loads(sys.argv[1]); "
    "sys.path += [place for place in (*settings['path'], settings['root']) if place not in sys.path]; "
    "from grader.worker import main; main(settings)"
)
WARM = "import sys; sys.path += {path!r}; from grader.worker import prepare; prepare({preload!r})"
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin", "HOME": "/tmp", "TMPDIR": "/tmp", "USER": "student", "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1", "TRITON_INTERPRET": "1", "TORCHDYNAMO_DISABLE": "1", "HF_HUB_OFFLINE": "1",
}  # fmt: skip


@dataclass(frozen=True)
class Event:
    """Something the run-time guard saw: a forbidden operator, at a line of the hand-in."""

    problem: str
    rule: str
    file: str
    line: int


class Submission:
    """One overlaid hand-in (`tree` is the worker's view of it), reached through boxes of one engine."""

    def __init__(self, assignment: Assignment, tree: Path, engine: Engine, guard: Mapping[str, str]) -> None:
        self.assignment = assignment
        self.tree = tree
        self.engine = engine
        self.guard = guard
        self.events: set[Event] = set()
        self.output = bytearray()
        self.versions: dict[str, str] = {}
        self.notices: dict[Notice, int] = {}
        self._box: Box | None = None
        self._starting: Future[Box] | None = None
        self._ready = False
        self._begun = False
        self._ending = False
        self._in_test = ""
        self._number = 0
        self._spent = 0.0
        self._noticed: set[Notice] = set()
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
        self._noticed.clear()
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
        self._note_leavings(reply)
        self._begun = reply.get("begun") is True
        if reply.get("clean") is not True:
            self._drop()

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
        limits = self.assignment.limits
        # Under names of their own: the environment may live below a folder that is private inside, such as /tmp.
        paths = sorted({Path(sysconfig.get_path(key)) for key in ("purelib", "platlib")})
        site = {path: f"{SITE}{number}" for number, path in enumerate(paths)}
        shared = site | {_library(): LIBRARY}
        path = [self.engine.inside(*pair) for pair in shared.items()]
        preload = list(self.assignment.preload)
        settings = {
            "assignment": self.assignment.name, "root": self.engine.inside(self.tree, COURSE), "path": path,
            "preload": preload, "policy": dict(self.guard), "staff": list(self.assignment.staff_owned),
        }  # fmt: skip
        return Job(
            source=START,
            arguments=(json.dumps(settings),),
            warm=WARM.format(path=path, preload=preload),
            own={self.tree: COURSE},
            shared=shared,
            # Where the course itself is installed beside its libraries, its tests must not be seen.
            hidden=tuple(
                f"{inside}/{name}"
                for path, inside in site.items()
                for name in self._own_packages()
                if (path / name).is_dir()
            ),
            environment=ENVIRONMENT,
            memory_mb=limits.memory_mb, processes=limits.processes, tmp_mb=limits.tmp_mb, open_files=limits.open_files,
        )  # fmt: skip

    def _own_packages(self) -> list[str]:
        return ["grader", "staff", *names(self.assignment.root)]

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
        start = time.monotonic()
        try:
            reply = self._reply(what, min(seconds, left))
        finally:
            self._spent += time.monotonic() - start
        if reply.get("id") != number or not ({"value", "error"} & reply.keys()):
            self._drop()
            self._notice(Notice("channel", "a reply to no call"))
            raise SubmissionCrash(f"{what}: the worker sent something that is not the reply to this call")
        if "error" in reply:
            raise _error(what, reply["error"])
        self._note_events(reply.get("events"))
        return reply["value"]

    def _reply(self, what: str, seconds: float) -> dict[Any, Any]:
        """The next frame, whole, within `seconds`; reads the box's output and watches its memory meanwhile."""
        box = self._living()
        reader, notes = _FrameReader(), 0
        deadline = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            box.channel.setblocking(False)
            selector.register(box.channel, selectors.EVENT_READ)
            selector.register(box.output, selectors.EVENT_READ)
            looked = time.monotonic()  # most calls are over before their memory could matter
            while True:
                now = time.monotonic()
                if now >= deadline:
                    self._drop()
                    raise SubmissionTimeout(f"{what}: no answer within {seconds:.3g} s")
                if now - looked > TICK:
                    looked = now
                    self._watch_memory(what)
                for key, _ in selector.select(min(TICK, deadline - now)):
                    if key.fileobj is box.output:
                        if not self._drain():
                            selector.unregister(box.output)
                        continue
                    try:
                        if not reader.read(box.channel):
                            continue
                        reply = self._decode(reader, what)
                        if "noticed" not in reply:
                            return reply
                        reader, notes = _FrameReader(), notes + 1
                        self._note_told(reply["noticed"], notes)
                    except (ConnectionError, EOFError):
                        raise self._lost(what) from None
                    except WireError as error:
                        self._drop()
                        self._notice(Notice("channel", "a malformed frame"))
                        raise SubmissionCrash(f"{what}: the worker sent a malformed reply: {error}") from None

    def _decode(self, reader: "_FrameReader", what: str) -> dict[Any, Any]:
        value = reader.value()
        if not isinstance(value, dict):
            raise WireError("a reply is not a dict")
        if "ended" in value and what != "ending the test":
            ended = str(value["ended"])[:40]
            self._note_leavings(value)
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

    def _note_events(self, events: Any) -> None:
        if not isinstance(events, list):
            return
        for event in events[:MAX_EVENTS]:
            if (
                isinstance(event, list | tuple)
                and len(event) == 3
                and isinstance(event[2], int)
                and len(self.events) < MAX_EVENTS
            ):
                self.events.add(Event(self._in_test, str(event[0])[:200], str(event[1])[:200], event[2]))

    def _note_told(self, note: Any, count: int) -> None:
        """Take a note that a worker sent between replies."""
        notice = integrity.told(note)
        if notice is None or count > MAX_NOTES:
            raise WireError("it sent what is neither a reply nor a note, or notes without end")
        if notice in self.notices or len(self.notices) < integrity.MOST_NOTICES:
            self._notice(notice)

    def _note_leavings(self, reply: Mapping[Any, Any]) -> None:
        """Take what the first process says about a test's end."""
        strays = reply.get("strays")
        if type(strays) is int and strays > 0:
            self._notice(Notice("left-behind"))
        if reply.get("clean") is False:
            self._notice(Notice("leftovers"))

    def _notice(self, notice: Notice) -> None:
        """Count a notice once a test."""
        if notice not in self._noticed:
            self._noticed.add(notice)
            self.notices[notice] = self.notices.get(notice, 0) + 1


@functools.cache
def _beside() -> ThreadPoolExecutor:
    """The thread that starts boxes. It lives as long as this process: the kernel ends what it started when it ends."""
    return ThreadPoolExecutor(1, "starting-boxes")


os.register_at_fork(after_in_child=_beside.cache_clear)


@functools.cache
def _library() -> Path:
    """A folder with the worker's own modules and nothing else of the grader; it goes when this process ends."""
    folder = tempfile.TemporaryDirectory(prefix="grader-worker-", ignore_cleanup_errors=True)
    atexit.register(folder.cleanup)
    package = Path(folder.name) / "grader"
    for name in WORKER_FILES:
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(__file__).parent / name, package / name)
    for path in (Path(folder.name), *package.parent.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)  # the sandbox may run as someone else
    return Path(folder.name)


class _FrameReader:
    """Collects one frame from a socket that does not block."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._lengths: tuple[int, int] | None = None

    def read(self, channel: socket.socket) -> bool:
        """Take what is there; True when the frame is whole. Reads not one byte beyond it."""
        wanted = wire.PREFIX.size if self._lengths is None else wire.PREFIX.size + sum(self._lengths)
        try:
            piece = channel.recv(min(wanted - len(self._buffer), 2**20))
        except BlockingIOError:
            return False
        if not piece:
            raise EOFError
        self._buffer += piece
        if self._lengths is None and len(self._buffer) == wire.PREFIX.size:
            self._lengths = wire.lengths(bytes(self._buffer))
        return self._lengths is not None and len(self._buffer) == wire.PREFIX.size + sum(self._lengths)

    def value(self) -> Any:
        """The whole frame's value."""
        if self._lengths is None:
            raise WireError("the frame is not whole")
        middle = wire.PREFIX.size + self._lengths[0]
        view = memoryview(self._buffer)
        return wire.decode(bytes(view[wire.PREFIX.size : middle]), view[middle:])


_KINDS: Mapping[str, type[SubmissionError]] = {"memory": SubmissionMemory}


def _error(what: str, reply: Any) -> SubmissionError:
    """The exception for an error reply; every part of it is a stranger's text."""
    reply = reply if isinstance(reply, dict) else {}
    parts = {key: str(reply.get(key, ""))[:8000] for key in ("kind", "type", "message", "traceback")}
    if parts["kind"] == "result":
        return SubmissionError(f"{what} returned something that is not plain data: {parts['message']}")
    if parts["kind"] == "not_implemented":
        return SubmissionNotImplemented(parts["message"] or f"{what} is not implemented")
    return _KINDS.get(parts["kind"], SubmissionRaised)(
        f"{what} raised {parts['type']}: {parts['message']}", parts["traceback"]
    )
