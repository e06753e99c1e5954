"""Tripwires: what no homework needs to do, noted while a hand-in runs, for staff to look at.

Runs in the worker, in each test's own child, beside the code that it watches: a Python audit hook. A note is (kind,
detail, file, line): what was tried, and the line of the hand-in that led to it. It is told before the act takes
place, so that an act that ends the process is told, too.

Noted, where a line of the hand-in leads to it and no import lies between:

- network: an address or a name beyond the loopback is asked, or a socket of the machine's own services;
- files: a path beyond the hand-in's tree, the libraries, the system's own and the temporary folder is opened or listed,
  or one beyond the temporary folder is written;
- programs: another program is started;
- processes, memory, interpreter, limits: processes are forked or signalled, C libraries loaded, the heap or frames
  walked, traces set, limits changed by the hand-in's own lines; what libraries do for it (a pool of processes) is not noted.

Not noted: other processes; what C code does without Python hearing of it (`torch.save`, a library loaded by `ctypes`);
whatever code that looks for the hook has switched off. The notes are evidence for a reader, never points, and nothing is
safe because of them.
"""

import contextlib
import os
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from grader.guard import Guard

Note = tuple[str, str, str, int]
"""Kind, detail, file and line."""

MOST = 40
"""Notes a test: what comes after tells nothing new."""
LONGEST = 160

HERE = frozenset(("", "localhost", "0.0.0.0", "::", "::1", "ip6-localhost"))
READABLE = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/sys", "/etc/mime.types", "/etc/os-release"),
    *("/etc/localtime", "/etc/timezone", "/etc/ld.so.cache", "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"),
    *(f"/proc/{name}" for name in ("cpuinfo", "meminfo", "stat", "version", "loadavg", "filesystems", "sys")),
    *(f"/proc/self/{name}" for name in ("stat", "statm", "status", "cgroup", "smaps_rollup", "mountinfo")),
)
"""Paths that libraries and honest code read: the system's own, and what they say of this process and machine."""
WRITABLE = ("/dev/null",)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

Found = tuple[str, str]
Look = Callable[[tuple[Any, ...]], Iterator[Found]]


class Tripwires:
    """Watches this process once armed, for good.

    `guard` tells the hand-in's lines from others, `tell` takes a note. `readable` are folders that may be read
    beside the usual ones, `writable` those that may be written, too.
    """

    def __init__(
        self, guard: Guard, tell: Callable[[Note], None], readable: Sequence[str], writable: Sequence[str]
    ) -> None:
        self._guard = guard
        self._tell = tell
        own = f"/proc/{os.getpid()}"
        mine = tuple(path.replace("/proc/self", own) for path in READABLE if path.startswith("/proc/self"))
        python = (sys.prefix, sys.base_prefix)
        self._writable = (*WRITABLE, *writable)
        self._readable = (*READABLE, *mine, *python, *readable, *self._writable)
        self._noted: set[Note] = set()
        self._busy = False

    @property
    def noted(self) -> bool:
        """Whether there was anything to tell."""
        return bool(self._noted)

    def arm(self) -> None:
        """Begin to watch. Children that are forked later are not watched: their notes would come between replies."""
        pid, looks = os.getpid(), self._looks()

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            look = looks.get(event)
            if look is not None and not self._busy and len(self._noted) < MOST and os.getpid() == pid:
                self._busy = True
                with contextlib.suppress(BaseException):  # what is wrong here must not change what the hand-in does
                    self._look(look, event in DIRECT, arguments)
                self._busy = False

        sys.addaudithook(hook)

    def _look(self, look: Look, direct_only: bool, arguments: tuple[Any, ...]) -> None:
        found = list(look(arguments))
        if not found:
            return
        place = self._guard.place(sys._getframe(2))
        if place is None or (direct_only and not place[2]):
            return
        for kind, detail in found:
            note = (kind, detail[:LONGEST], place[0], place[1])
            if note not in self._noted:
                self._noted.add(note)
                self._tell(note)

    def _looks(self) -> Mapping[str, Look]:
        looks: dict[str, Look] = {event: _saying(kind, words) for event, (kind, words) in SAID.items()}
        for event in ("connect", "bind", "sendto", "sendmsg"):
            looks[f"socket.{event}"] = self._address
        for event in ("getaddrinfo", "gethostbyname", "gethostbyaddr"):
            looks[f"socket.{event}"] = self._name
        for event in ("listdir", "scandir"):
            looks[f"os.{event}"] = self._listed
        for event in ("remove", "mkdir", "rmdir", "chmod", "chown", "truncate"):
            looks[f"os.{event}"] = self._written
        for event in ("rename", "link", "symlink"):
            looks[f"os.{event}"] = self._named
        looks |= {"open": self._opened, "os.kill": _signalled}
        return looks

    def _address(self, arguments: tuple[Any, ...]) -> Iterator[Found]:
        address = arguments[1]
        if isinstance(address, tuple) and address and isinstance(address[0], str | bytes):
            if not _is_here(_text(address[0])):
                yield "network", f"{_text(address[0])} port {address[1]}"
        elif isinstance(address, str | bytes):
            path = _text(address)
            if path.startswith("/") and not _within(path, self._writable):
                yield "network", path

    def _name(self, arguments: tuple[Any, ...]) -> Iterator[Found]:
        host = arguments[0]
        if isinstance(host, str | bytes) and not _is_here(_text(host)):
            yield "network", _text(host)

    def _opened(self, arguments: tuple[Any, ...]) -> Iterator[Found]:
        path, _, flags = arguments
        yield from self._path(path, "writes" if flags & WRITING else "reads")

    def _listed(self, arguments: tuple[Any, ...]) -> Iterator[Found]:
        yield from self._path("." if arguments[0] is None else arguments[0], "lists")

    def _written(self, arguments: tuple[Any, ...]) -> Iterator[Found]:
        yield from self._path(arguments[0], "writes")

    def _named(self, arguments: tuple[Any, ...]) -> Iterator[Found]:
        yield from self._path(arguments[0], "reads")
        yield from self._path(arguments[1], "writes")

    def _path(self, path: Any, act: str) -> Iterator[Found]:
        if isinstance(path, str | bytes | os.PathLike):
            full = os.path.abspath(_text(os.fspath(path)))
            if not _within(full, self._writable if act == "writes" else self._readable):
                yield "files", f"{act} {full}"


def _saying(kind: str, words: str) -> Look:
    def look(arguments: tuple[Any, ...]) -> Iterator[Found]:
        what = next((_text(value) for value in arguments if isinstance(value, str | bytes | os.PathLike)), "")
        if what not in QUIET:
            yield kind, f"{words} {what}".strip()

    return look


def _signalled(arguments: tuple[Any, ...]) -> Iterator[Found]:
    # Numbers of processes differ from test to test, and say nothing.
    known = {os.getpid(): "itself", os.getppid(): "its parent"}
    yield "processes", f"signals {known.get(arguments[0], 'another process')}"


SAID: Mapping[str, Found] = {
    "subprocess.Popen": ("programs", "starts"),
    "os.system": ("programs", "starts"),
    "os.exec": ("programs", "becomes"),
    "os.posix_spawn": ("programs", "starts"),
    "os.spawn": ("programs", "starts"),
    "pty.spawn": ("programs", "starts"),
    "os.fork": ("processes", "forks"),
    "os.forkpty": ("processes", "forks"),
    "os.killpg": ("processes", "signals a group"),
    "ctypes.dlopen": ("memory", "loads a C library"),
    "ctypes.string_at": ("memory", "reads an address"),
    "gc.get_objects": ("memory", "walks the heap"),
    "gc.get_referrers": ("memory", "walks the heap"),
    "sys._current_frames": ("interpreter", "walks frames"),
    "sys.settrace": ("interpreter", "sets a trace"),
    "sys.setprofile": ("interpreter", "sets a profile"),
    "sys.addaudithook": ("interpreter", "adds an audit hook"),
    "resource.setrlimit": ("limits", "changes a limit"),
}
"""Events that are told whatever they are about. `sys._getframe` is none of them: the guard itself asks it all the time."""

QUIET = frozenset(("uname",))
"""Programs that the standard library starts by itself."""

DIRECT = {"os.kill"} | {event for event, (kind, _) in SAID.items() if kind != "programs" and event != "ctypes.dlopen"}
"""Events that libraries raise for honest code, too: told only where a line of the hand-in itself does it."""


def _is_here(host: str) -> bool:
    return host in HERE or host.startswith("127.") or host == socket.gethostname()


def _within(path: str, places: Sequence[str]) -> bool:
    return any(path == place or path.startswith(f"{place.rstrip('/')}/") for place in places)


def _text(value: Any) -> str:
    return os.fsdecode(value) if isinstance(value, bytes | os.PathLike) else str.__str__(value)
