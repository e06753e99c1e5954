"""The system calls of Linux that Python's standard library does not have."""

import ctypes
import os
import platform

LIBC = ctypes.CDLL(None, use_errno=True)

NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = (
    0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000,
)  # fmt: skip
"""The flags `CLONE_NEW…`, by which new namespaces are asked for."""

MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 0x1000, 0x4000, 1 << 18
MNT_DETACH = 2
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV, ATTR_NOEXEC = 1, 2, 4, 8
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_CAP_AMBIENT = (
    1, 4, 24, 38, 22, 47,
)  # fmt: skip

NUMBERS = {"x86_64": {"pivot_root": 155}, "aarch64": {"pivot_root": 41}}
MOUNT_SETATTR = 442


def call(what: str, result: int) -> int:
    """The result of a system call; a negative one becomes an `OSError` that names it."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def unshare(flags: int) -> None:
    """Move this process, or its children to come, into new namespaces."""
    call("unshare", LIBC.unshare(flags))


def mount(source: str, target: str, kind: str | None = None, flags: int = 0, data: str | None = None) -> None:
    """Mount `source` at `target`."""
    texts = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    call(f"mount of {source} at {target}", LIBC.mount(*texts[:3], ctypes.c_ulong(flags), texts[3]))


def unmount(target: str) -> None:
    """Take away the mount at `target` and all below it, from this mount namespace."""
    call(f"unmount of {target}", LIBC.umount2(os.fsencode(target), MNT_DETACH))


def pivot_root(new: str, old: str) -> None:
    """Make `new` the root; the former one appears at `old`, a folder below `new`."""
    number = NUMBERS[platform.machine()]["pivot_root"]
    call("pivot_root", LIBC.syscall(number, os.fsencode(new), os.fsencode(old)))


def set_mount(target: str, attributes: int, recursive: bool = False) -> None:
    """Add attributes (`ATTR_…`) to the mount at `target`, and to all below it. Linux 5.12 and newer."""
    fields = (ctypes.c_uint64 * 4)(attributes, 0, 0, 0)
    flags = AT_RECURSIVE if recursive else 0
    result = LIBC.syscall(
        MOUNT_SETATTR, AT_FDCWD, os.fsencode(target), flags, ctypes.byref(fields), ctypes.c_size_t(32)
    )
    call(f"mount_setattr of {target}", result)


def prctl(option: int, *arguments: int) -> int:
    """Change something about this process."""
    words = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)][:4]
    return call(f"prctl {option}", LIBC.prctl(option, *words))


def drop_capabilities() -> None:
    """Give up every privilege of root, for good, for this process and its children."""
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            break  # the kernel knows no more of them
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # version 3, this process
    call("capset", LIBC.capset(header, (ctypes.c_uint32 * 6)()))
    prctl(PR_SET_NO_NEW_PRIVS, 1)
