"""Control groups: the kernel's own account of a box, and its limits on memory of any kind and on processes. Linux only.

Used where this user may make groups: below a group that was delegated (`systemd-run --scope -p Delegate=yes`, as a
user or as root), in a container that has its own, or as root on the older layout with one hierarchy a controller.
Elsewhere boxes do without: their memory is watched from outside, and their processes are counted by user.

The groups of other programs are left alone. Only in a delegated group are the processes that are in it moved, into
a group below, since a group with processes can have no limited ones beside them.
"""

import contextlib
import functools
import itertools
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox import memory

MOUNTED = Path("/sys/fs/cgroup")
CONTROLLERS = ("memory", "pids")
DELEGATED = ("user.delegate", "trusted.delegate")
"""What systemd marks a group with whose inside is its user's to arrange."""
OURS = "graders"
"""The group into which a delegated group's own processes go."""
GONE_SECONDS = 2.0
STALE_SECONDS = 60.0
_numbers = itertools.count()


@dataclass(frozen=True)
class Place:
    """Where groups are made: a folder for each controller, the same one in the newer layout."""

    folders: Mapping[str, Path]

    @property
    def unified(self) -> bool:
        """Whether it is the newer layout, with one hierarchy for all controllers."""
        return len(set(self.folders.values())) == 1


class Group:
    """The group of one box.

    Raises:
        OSError: it cannot be made.
    """

    def __init__(self, place: Place, memory_mb: int, processes: int) -> None:
        self._unified = place.unified
        name = f"grader-{os.getpid()}-{next(_numbers)}"
        self._folders = {controller: folder / name for controller, folder in place.folders.items()}
        account = self._folders["memory"]
        try:
            for folder in set(self._folders.values()):
                folder.mkdir()
            if self._unified:
                _write(account / "memory.max", memory_mb * 2**20)
                _write_if_there(account / "memory.swap.max", 0)
                _write_if_there(account / "memory.oom.group", 1)
            else:
                _write(account / "memory.limit_in_bytes", memory_mb * 2**20)
                _write_if_there(account / "memory.memsw.limit_in_bytes", memory_mb * 2**20)
            _write(self._folders["pids"] / "pids.max", processes)
        except OSError:
            self.remove()
            raise

    def add(self, pid: int) -> None:
        """Put a process, and all that it starts from now on, under the limits."""
        for folder in set(self._folders.values()):
            _write(folder / "cgroup.procs", pid)

    def out_of_memory(self) -> bool:
        """Whether the kernel has ended a process of the group for its memory."""
        name = "memory.events" if self._unified else "memory.oom_control"
        with contextlib.suppress(OSError):
            for line in (self._folders["memory"] / name).read_text(encoding="ascii").splitlines():
                key, _, value = line.partition(" ")
                if key == "oom_kill":
                    return int(value) > 0
        return False

    def remove(self) -> None:
        """Take the group away. Its processes must have been killed; the kernel lets go of them a moment later."""
        deadline = time.monotonic() + GONE_SECONDS
        for folder in set(self._folders.values()):
            while folder.is_dir():
                try:
                    folder.rmdir()
                except OSError:
                    if time.monotonic() > deadline:
                        break
                    time.sleep(0.002)


def confined(pid: int, memory_mb: int, processes: int) -> Group | None:
    """A new group with these limits and the tree of processes below `pid` in it; None where this user may make none.

    To be called before a box is given anything to do: what a process starts while it is moved may stay outside.
    """
    place = _place()
    if place is None:
        return None
    try:
        made = Group(place, memory_mb, processes)
    except OSError:
        return None
    added: set[int] = set()
    try:
        while new := set(memory.tree(pid)) - added:
            for each in new:
                try:
                    made.add(each)
                except ProcessLookupError:
                    if each == pid:
                        raise  # a passing child that has ended meanwhile needs no limit any more, the first does
            added |= new
    except OSError:  # the first has ended, or one is another user's
        made.remove()
        return None
    return made


@functools.cache
def _place() -> Place | None:
    """The first place in which a group can really be made."""
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    for place in _candidates(lines, MOUNTED):
        with contextlib.suppress(OSError):
            Group(place, 64, 8).remove()
            _sweep(place)
            return place
    return None


def _sweep(place: Place) -> None:
    """Take away what a grader that was killed has left: old groups without processes, whose maker is gone."""
    for folder in set(place.folders.values()):
        for left in folder.glob("grader-*-*"):
            maker = left.name.split("-")[1]
            with contextlib.suppress(OSError):
                if not Path("/proc", maker).exists() and time.time() - left.stat().st_mtime > STALE_SECONDS:
                    left.rmdir()  # the kernel refuses while a process is in it


def _candidates(lines: list[str], mounted: Path) -> Iterator[Place]:
    """Where groups may be made, by what `/proc/self/cgroup` says of this process."""
    own = {
        controller: path
        for line in lines
        for _, listed, path in [line.split(":", 2)]
        for controller in listed.split(",")
    }
    folder = mounted / own.get("", "/").lstrip("/")
    if {*CONTROLLERS} <= _words(folder / "cgroup.controllers"):
        if folder != mounted and not {*CONTROLLERS} <= _words(folder / "cgroup.subtree_control"):
            _open_up(folder)
        if {*CONTROLLERS} <= _words(folder / "cgroup.subtree_control"):
            yield Place(dict.fromkeys(CONTROLLERS, folder))
    if {*CONTROLLERS} <= own.keys():
        yield Place({controller: mounted / controller / own[controller].lstrip("/") for controller in CONTROLLERS})


def _open_up(folder: Path) -> None:
    """Let a delegated group have limited ones below it; nothing is done to others."""
    if not any(_marked(folder, name) for name in DELEGATED):
        return
    with contextlib.suppress(OSError):
        (folder / OURS).mkdir(exist_ok=True)
        for pid in sorted(_words(folder / "cgroup.procs")):
            _write(folder / OURS / "cgroup.procs", int(pid))
        _write(folder / "cgroup.subtree_control", "+memory +pids")


def _marked(folder: Path, name: str) -> bool:
    try:
        return os.getxattr(folder, name) == b"1"
    except OSError:
        return False


def _words(path: Path) -> set[str]:
    try:
        return set(path.read_text(encoding="ascii").split())
    except OSError:
        return set()


def _write(path: Path, value: int | str) -> None:
    with path.open("r+", encoding="ascii") as file:
        file.write(str(value))


def _write_if_there(path: Path, value: int) -> None:
    with contextlib.suppress(OSError):
        _write(path, value)
