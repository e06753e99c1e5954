"""The worker: the untrusted side of the adapter call. One a submission, one fresh child a test.

The first process imports what the staff allows (torch and the assignment's `preload`), no student code. For each
test it forks; the child imports the drivers and the hand-in, answers calls one at a time over the wire, and ends.
Then everything the test left behind is removed: processes and files. So a test costs a fork, not an import of torch,
and no state of one test decides another.

Everything here may be taken over by the hand-in, which gains nothing by it: the worker knows inputs only.
Imports `wire`, `guard`, `tripwires`, the drivers and the hand-in, nothing else of the grader.
"""

import contextlib
import ctypes
import gc
import importlib
import importlib.util
import marshal
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator, Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from grader import wire
from grader.errors import WireError
from grader.guard import Guard
from grader.tripwires import Note, Tripwires

PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 4, 36
MADV_COLLAPSE, HUGE_PAGE = 25, 2**21
COMPILE_SECONDS = 5
MAX_MESSAGE, MAX_TRACEBACK = 2000, 6000


class Channel:
    """Whole values over the socket."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._sending = threading.Lock()

    def send(self, value: Any) -> None:
        """Send one frame; a value that is not plain data raises `WireError` before a byte is sent."""
        self.send_frame(wire.encode(value))

    def send_frame(self, frame: bytes) -> None:
        """Send what is encoded already."""
        with self._sending:
            self.connection.sendall(frame)

    def tell(self, note: Note) -> None:
        """Send a note between replies; it is dropped where it would come amid one (from a thread, a signal handler)."""
        frame = wire.encode({"noticed": note})
        if self._sending.acquire(blocking=False):
            try:
                self.connection.sendall(frame)
            finally:
                self._sending.release()

    def receive(self, resolve: wire.Resolve = wire.keep) -> Any:
        """The next value; the end of the stream ends the process."""
        header, blob = wire.lengths(self._exactly(wire.PREFIX.size))
        content = self._exactly(header)
        return wire.decode(content, self._exactly(blob), resolve)

    def _exactly(self, size: int) -> bytes:
        content = bytearray()
        while len(content) < size:
            piece = self.connection.recv(min(size - len(content), 2**20))
            if not piece:
                os._exit(0)
            content += piece
        return bytes(content)


def main(settings: dict[str, Any]) -> None:
    """Serve tests until the judge hangs up."""
    connection = socket.socket(fileno=os.dup(0))
    connection.set_inheritable(False)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    channel = Channel(connection)
    # From the environment alone: what `tempfile` falls back to, where this folder has been made unusable, is shared.
    private = Path(os.environ["TMPDIR"])
    if sys.platform == "linux":
        prctl = ctypes.CDLL(None).prctl
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    if not gc.get_freeze_count():
        prepare(settings["preload"])  # a fork server has done so
    guard = Guard(Path(settings["root"]) / settings["assignment"], settings["policy"], settings["staff"])
    remember(compiled(Path(settings["root"]) / settings["assignment"]))
    gc.freeze()
    channel.send(
        {
            "ready": True,
            "versions": {"python": sys.version.split()[0], "torch": sys.modules["torch"].__version__},
        }
    )
    while True:
        request = channel.receive()
        if request == {"op": "test"}:
            pid = os.fork()
            if pid == 0:
                serve(channel, settings, guard, private)
            how, strays = wait(pid)
            channel.send({"ended": how, "clean": clean(private), "strays": strays})


def prepare(preload: Sequence[str]) -> None:
    """Import what the staff allows, and make this process cheap to fork. Nothing of a hand-in is needed for it."""
    for name in ("torch", "jaxtyping"):  # what every adapters.py imports
        importlib.import_module(name)
    for name in preload:
        if importlib.util.find_spec(name.partition(".")[0]) is not None:  # Triton is not made for every platform
            importlib.import_module(name)
    sys.modules["torch"].set_num_threads(1)
    seed()  # every child inherits the state, and nothing draws from it before
    spare_the_compiler()
    gc.collect()
    gc.freeze()  # keeps a child's garbage collection from copying every page
    use_huge_pages()


def seed() -> None:
    """Begin every generator of random numbers anew, the same in each test."""
    random.seed(0)
    if "numpy" in sys.modules:
        importlib.import_module("numpy.random").seed(0)
    sys.modules["torch"].manual_seed(0)


def spare_the_compiler() -> None:
    """Keep optimizers from importing `torch._dynamo`: it is off in a worker, and would cost each test a second.

    They ask it to leave their methods alone, and keep its answer beside the method. Where torch keeps it elsewhere
    some day, tests are slower, nothing else.
    """
    for method in vars(sys.modules["torch"].optim.Optimizer).values():
        undecorated = getattr(method, "__wrapped__", None)
        if undecorated is not None:
            undecorated.__dynamo_disable = undecorated


def use_huge_pages() -> None:
    """Gather this process's memory in huge pages, so that a fork copies hundreds of entries, not tens of thousands.

    Linux 6.1 and newer do as they are asked; elsewhere a fork takes a few milliseconds longer.
    """
    if sys.platform != "linux":
        return
    madvise = ctypes.CDLL(None).madvise
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, mode, _, _, inode, *_ = line.split()
        start, end = (int(address, 16) for address in span.split("-"))
        if mode == "rw-p" and inode == "0" and end - start >= HUGE_PAGE:
            madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), MADV_COLLAPSE)


def compiled(package: Path) -> dict[str, CodeType]:
    """The code of all files of the package, by path, so that each test's child need not compile it again.

    Compiling runs nothing of the hand-in, but can be made to take for ever or to crash: it is done in a child with
    little time, and what it does not bring is compiled by each test, at the test's cost.
    """
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(BaseException):
            limit = (COMPILE_SECONDS, COMPILE_SECONDS)
            resource.setrlimit(resource.RLIMIT_CPU, limit)
            found = {}
            for path in sorted(package.rglob("*.py")):
                with contextlib.suppress(Exception):
                    found[str(path)] = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
            os.close(ours)
            with os.fdopen(theirs, "wb") as pipe:
                marshal.dump(found, pipe)
        os._exit(0)
    os.close(theirs)
    try:
        with os.fdopen(ours, "rb") as pipe:
            found = marshal.load(pipe)
    except (EOFError, ValueError, TypeError):
        found = {}
    os.waitpid(pid, 0)
    return found if isinstance(found, dict) else {}


def remember(codes: dict[str, CodeType]) -> None:
    """Have imports take the code of these files from memory."""
    usual = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, fullname: str) -> CodeType | None:
        return codes.get(self.path) or usual(self, fullname)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign, assignment]


def wait(pid: int) -> tuple[str, int]:
    """Wait for the test's child while burying orphans; then end every process the test left.

    Tells how the child ended, and how many of what it left had gone out of its process group.
    """
    how, strays = "lost", 0
    while True:
        try:
            found, status = os.waitpid(-1, 0)
        except ChildProcessError:
            return how, strays
        if found == pid:
            code = os.waitstatus_to_exitcode(status)
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            strays = sum(group != pid for group in groups())
            kill_others(pid)


def groups() -> list[int]:
    """The process groups of the other living processes of the box; where there is no PID namespace, of the children."""
    if os.getpid() == 1:
        others = [int(name) for name in os.listdir("/proc") if name.isdigit() and name != "1"]
    else:
        others = children()
    found = []
    for other in others:
        with contextlib.suppress(OSError, ValueError, IndexError):
            state, _, group, *_ = Path(f"/proc/{other}/stat").read_text().rpartition(")")[2].split()
            if state not in "ZX":
                found.append(int(group))
    return found


def children() -> list[int]:
    """The processes below this one, orphans of which it takes care among them; none where the system does not tell."""
    found = [path.read_text().split() for path in Path("/proc/self/task").glob("*/children")]
    return [int(child) for listed in found for child in listed]


def kill_others(pid: int) -> None:
    """End all that is left of a test: the whole PID namespace, or the descendants where there is none."""
    if os.getpid() == 1:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    for _ in range(20):
        left = children()
        for child in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        if not left:
            return
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, 0)


def clean(tmp: Path) -> bool:
    """Empty the private temporary folders; False when something could not be removed (the judge then starts anew)."""
    for folder in (tmp, Path("/dev/shm") if os.getpid() == 1 else tmp):
        for entry in list(os.scandir(folder)):
            if not entry.is_dir(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    os.unlink(entry.path)
        leftovers = list(folder.iterdir())
        if leftovers:
            # A hand-in may have made what `shutil` stumbles over: a thousand levels, folders without permissions.
            subprocess.run(["/bin/chmod", "-R", "u+rwX", *map(str, leftovers)], check=False, capture_output=True)
            subprocess.run(["/bin/rm", "-rf", *map(str, leftovers)], check=False, capture_output=True)
        if any(folder.iterdir()):
            return False
    return True


def serve(channel: Channel, settings: dict[str, Any], guard: Guard, private: Path) -> None:
    """One test: import the hand-in, then answer calls until told to end. Never returns."""
    os.setpgid(0, 0)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # its memory may be measured from outside
    os.chdir(private)
    random.seed(0)  # Python begins this generator anew after a fork; the others are as they were before it
    resolver = Resolver(Path(settings["root"]) / settings["assignment"] / "tests" / "fixtures", private)
    modules: dict[str, ModuleType] = {}
    Tripwires(guard, channel.tell, (settings["root"], *settings["path"]), (str(private),)).arm()
    with answering(channel, -1), guard:
        for target in ("adapters", "drivers"):
            modules[target] = importlib.import_module(f"{settings['assignment']}.{target}")
        channel.send({"id": -1, "value": None, "events": []})
    while True:
        request = channel.receive(resolver)
        if request.get("op") != "call":
            break
        with answering(channel, request["id"]):
            function = getattr(modules.get(request["target"]), request["name"], None)
            if function is None:
                raise NotImplementedError(f"adapters.py has no function {request['name']}")
            with guard:
                value = function(*request["args"], **request["kwargs"])
            send_result(channel, request["id"], value, guard.events())
    leave()


def leave() -> None:
    """End the child with its buffers written and nothing else run: no exit handler of the hand-in, no destructor."""
    with contextlib.suppress(BaseException):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(0)


def send_result(channel: Channel, number: int, value: Any, events: list[Any]) -> None:
    """Send a value, or the error that it is not plain data."""
    try:
        frame = wire.encode({"id": number, "value": value, "events": events})
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
        if isinstance(error, NotImplementedError):
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
