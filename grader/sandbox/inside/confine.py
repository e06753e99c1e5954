"""Walls around one process: what a box's first process does to itself before anything of a stranger runs in it."""

import contextlib
import fcntl
import os
import resource
import socket
import struct
from collections.abc import Mapping
from typing import Any

from grader.sandbox.inside import enter, landlock, linux, mounts, seccomp

STUDENT = 1000
"""The user id that a box shows itself."""

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
NAMESPACES = (
    linux.NEWNS | linux.NEWPID | linux.NEWNET | linux.NEWIPC | linux.NEWUTS | linux.NEWCGROUP
)  # the user namespace comes last: what goes before needs the privileges of the one outside


def confine(own: Mapping[str, str], limits: Mapping[str, Any]) -> None:
    """Called by process 1 of new namespaces. Afterwards nothing outside of them can be reached, and no way leads back.

    `own` maps paths of the host to the box's folders; `limits` are those of a job, and the `user` to become.
    """
    mounts.enter(own, limits["tmp_mb"])
    socket.sethostname("sandbox")
    raise_loopback()
    enter.set_limits(limits)
    if limits["user"]:
        enter.become(limits["user"])
    with contextlib.suppress(OSError):
        # Some machines allow no user namespace here; then the other user id, or the server's namespace, remains.
        new_user_namespace()
    if limits["processes"]:
        enter.limit(resource.RLIMIT_NPROC, limits["processes"])
    linux.drop_capabilities()
    landlock.restrict(mounts.TEMPORARY)
    seccomp.install()
    os.chdir("/tmp")


def new_user_namespace() -> None:
    """Enter a user namespace of one's own, in which there is one user, `STUDENT`."""
    user, group = os.geteuid(), os.getegid()
    linux.prctl(linux.PR_SET_DUMPABLE, 1)  # else the maps belong to root
    linux.unshare(linux.NEWUSER)
    map_user(user, group)


def map_user(user: int, group: int) -> None:
    """Say who the one user of this process's new user namespace is outside of it."""
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{STUDENT} {user} 1"),
        ("gid_map", f"{STUDENT} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def raise_loopback() -> None:
    """Switch on the network namespace's own loopback, the only device in it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(probe, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(probe, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))
