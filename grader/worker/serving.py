"""One test in the worker: the hand-in is imported, and calls are answered one at a time until told to end."""

import contextlib
import importlib
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from grader import wire
from grader.errors import WireError, is_stub
from grader.guard import Guard
from grader.tripwires import Tripwires
from grader.worker.channel import Channel

MAX_MESSAGE, MAX_TRACEBACK = 2000, 6000
REPOSITORY = "repository"
"""The folder of a hand-in in which `grader adopt` lays a repository."""
IMPORTING = -1
"""The number of the reply that tells whether the import worked."""


@dataclass(frozen=True)
class Handin:
    """The hand-in beside the drivers, in a process made for them."""

    channel: Channel
    guard: Guard
    assignment: str
    root: Path
    libraries: tuple[str, ...]
    private: Path
    modules: dict[str, ModuleType] = field(default_factory=dict)

    def watch(self) -> Tripwires:
        """Arm the tripwires in this process, in a process group of its own."""
        os.setpgid(0, 0)
        tripwires = Tripwires(self.guard, self.channel.tell, (str(self.root), *self.libraries), (str(self.private),))
        tripwires.arm()
        return tripwires

    def load(self) -> bool:
        """Import the drivers and the hand-in; what it raises is the reply to the judge, who waits for this."""
        os.chdir(self.private)
        links = self.lay_out()
        with answering(self.channel, IMPORTING), self.guard:
            for target in ("adapters", "drivers"):
                self.modules[target] = importlib.import_module(f"{self.assignment}.{target}")
            for link in links:  # each test is given its own
                link.unlink(missing_ok=True)
            return True
        return False

    def lay_out(self) -> list[Path]:
        """Let relative paths in an adopted repository mean what they do where its own tests run."""
        repository, links = self.root / self.assignment / REPOSITORY, []
        for entry in os.listdir(repository) if repository.is_dir() else ():
            with contextlib.suppress(OSError):
                (self.private / entry).symlink_to(repository / entry)
                links.append(self.private / entry)
        return links

    def serve(self) -> NoReturn:
        """Answer calls until told to end."""
        self.lay_out()
        resolver = Resolver(self.root / self.assignment / "tests" / "fixtures", self.private)
        while True:
            request = self.channel.receive(resolver)
            if request.get("op") != "call":
                leave()
            with answering(self.channel, request["id"]):
                function = getattr(self.modules.get(request["target"]), request["name"], None)
                if function is None:
                    raise NotImplementedError(f"adapters.py has no function {request['name']}")
                with self.guard:
                    value = function(*request["args"], **request["kwargs"])
                    send_result(self.channel, request["id"], value, self.guard)


def leave() -> NoReturn:
    """End the child with its buffers written and nothing else run: no exit handler of the hand-in, no destructor."""
    with contextlib.suppress(BaseException):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(0)


def send_result(channel: Channel, number: int, value: Any, guard: Guard) -> None:
    """Send a value, or the error that it is not plain data. It is packed under guard: it may compute while it is read."""
    try:
        frame = wire.encode_reply(number, value, guard.events)
    except WireError as error:
        channel.send({"id": number, "error": {"kind": "result", "type": "", "message": str(error), "traceback": ""}})
    else:
        channel.send_frame(frame)


@contextlib.contextmanager
def answering(channel: Channel, number: int) -> Iterator[None]:
    """Turn whatever student code raises, `SystemExit` too, into a reply."""
    try:
        yield
    except BaseException as error:
        kind = "error"
        if is_stub(error):
            kind = "not_implemented"
        elif isinstance(error, MemoryError) or "can't allocate memory" in text(error):
            kind = "memory"
        channel.send(
            {
                "id": number,
                "error": {
                    "kind": kind,
                    "type": type.__getattribute__(type(error), "__name__")[:100],
                    "message": text(error)[:MAX_MESSAGE],
                    "traceback": student_traceback(error)[-MAX_TRACEBACK:],
                },
            }
        )


def text(error: BaseException) -> str:
    """An exception's message, whatever its `__str__` does."""
    try:
        return str(error)
    except BaseException:
        return "(its message could not be read)"


def student_traceback(error: BaseException) -> str:
    """The lines of a traceback from the first one outside this file on."""
    try:
        stack = traceback.TracebackException.from_exception(error, limit=-12)
        frames = [frame for frame in stack.stack if frame.filename != __file__]
        body = "".join(traceback.StackSummary.from_list(frames).format())
        return body + "".join(stack.format_exception_only())
    except BaseException:
        return ""


class Resolver:
    """Files named on the wire, as paths of this machine."""

    def __init__(self, fixtures: Path, scratch: Path) -> None:
        self.fixtures = fixtures
        self.scratch = scratch

    def __call__(self, value: wire.Fixture | wire.Scratch) -> Any:
        """The worker's own copy of a fixture, or a fresh file with the scratch bytes."""
        if isinstance(value, wire.Fixture):
            return self.fixtures / value.name
        descriptor, name = tempfile.mkstemp(suffix=value.suffix, dir=self.scratch)
        with os.fdopen(descriptor, "wb") as file:
            file.write(value.content)
        return Path(name) if value.as_path else name
