"""The root folder of boxes: the system and the libraries read-only, nothing of the host beside.

A server builds it once and lives in it; each box is given a copy of its mounts, adds what is its own, and lets go of
the host.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.sandbox.inside.linux import (
    ATTR_NODEV,
    ATTR_NOEXEC,
    ATTR_NOSUID,
    ATTR_RDONLY,
    MS_BIND,
    MS_NODEV,
    MS_NOSUID,
    MS_PRIVATE,
    MS_REC,
    mount,
    pivot_root,
    set_mount,
    unmount,
)

HOST = "/host"
"""Where a server finds the machine's own root; no box does."""

TEMPORARY = ("/tmp", "/dev/shm")
READ_ONLY = ATTR_RDONLY | ATTR_NOSUID | ATTR_NODEV
SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64")
SETTINGS = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime")
DEVICES = ("null", "zero", "full", "random", "urandom")
STREAMS = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2"}


def build(base: str, shared: Mapping[str, str], hidden: Sequence[str], places: Sequence[str]) -> None:
    """Make the root at the empty folder `base` and move into it.

    `shared` maps paths of the host to places in the root; `hidden` are folders below them that must appear empty;
    at `places` boxes will mount what is their own.
    """
    mount("none", "/", flags=MS_REC | MS_PRIVATE)
    mount("tmpfs", base, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m")
    _system(base)
    for source, place in sorted(shared.items(), key=lambda pair: len(pair[1])):
        _show(source, base + place)
    for place in hidden:
        mount("tmpfs", base + place, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=4k")
        set_mount(base + place, READ_ONLY)
    for place in (HOST, "/proc", *TEMPORARY, *places):
        os.makedirs(base + place, exist_ok=True)
    for place in TEMPORARY:  # for what libraries do while they are imported; each box has its own on top
        mount("tmpfs", base + place, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=16m")
    mount("/proc", f"{base}/proc", flags=MS_BIND | MS_REC)
    pivot_root(base, base + HOST)
    os.chdir("/")
    set_mount("/", READ_ONLY)


def enter(own: Mapping[str, str], tmp_mb: int) -> None:
    """Finish the root for one box: its own folders, empty temporary ones, its own processes; the host is gone."""
    for source, place in own.items():
        mount(HOST + source, place, flags=MS_BIND)
        set_mount(place, READ_ONLY)
    for place in TEMPORARY:
        mount("tmpfs", place, "tmpfs", MS_NOSUID | MS_NODEV, f"mode=1777,size={tmp_mb}m,nr_inodes={tmp_mb * 256}")
    unmount("/proc")
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV)
    set_mount("/proc", ATTR_NOEXEC)
    unmount(HOST)


def _system(base: str) -> None:
    _show("/usr", f"{base}/usr")
    for name in SYSTEM:
        if os.path.islink(name):
            os.symlink(os.readlink(name), base + name)
        elif os.path.isdir(name):
            _show(name, base + name)
    for name in SETTINGS:
        if os.path.exists(name):
            _show(name, base + name)
    os.makedirs(f"{base}/dev")
    for name in DEVICES:
        Path(f"{base}/dev/{name}").touch()
        mount(f"/dev/{name}", f"{base}/dev/{name}", flags=MS_BIND)
        set_mount(f"{base}/dev/{name}", ATTR_NOSUID | ATTR_NOEXEC)
    for name, target in STREAMS.items():
        os.symlink(target, f"{base}/dev/{name}")


def _show(source: str, place: str) -> None:
    """Make a file or folder of the host visible at `place`, read-only with all below it."""
    if os.path.isdir(source):
        os.makedirs(place, exist_ok=True)
    elif not os.path.exists(place):
        os.makedirs(os.path.dirname(place), exist_ok=True)
        Path(place).touch()
    mount(source, place, flags=MS_BIND | MS_REC)
    set_mount(place, READ_ONLY, recursive=True)
