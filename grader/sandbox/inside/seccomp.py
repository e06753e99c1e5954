"""A seccomp filter: system calls that no homework needs, and kernels have had flaws in, are refused.

Refused with EPERM: looking into other processes, mounting, entering or making namespaces, loading code into the
kernel, keys, clocks, performance counters, sockets of unusual families, standing back behind others (waiting that is
wished for looks like a busy machine). `clone3` and `io_uring` answer as on a kernel without them, so that libraries fall
back to what can be filtered; so do `memfd_create` and `shmget`, whose memory belongs to no process that could be measured.
"""

import ctypes
import errno
import platform
import struct
from collections.abc import Iterator

from grader.sandbox.inside import linux

FILTER = 2
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000, 0x80000000
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in what a filter is shown; arguments are little-endian
MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""The kernel's name of the machine, and the place of its numbers in the tables below."""
X32 = 0x40000000  # system calls of another pointer size begin here on x86_64

DENIED = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "move_mount": (429, 429),
    "open_tree": (428, 428), "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "setns": (308, 268), "unshare": (272, 97), "keyctl": (250, 219),
    "add_key": (248, 217), "request_key": (249, 218), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "kexec_load": (246, 104), "kexec_file_load": (320, 294), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "reboot": (169, 142), "swapon": (167, 224),
    "swapoff": (168, 225), "acct": (163, 89), "quotactl": (179, 60), "settimeofday": (164, 170),
    "clock_settime": (227, 112), "adjtimex": (159, 171), "clock_adjtime": (305, 266), "syslog": (103, 116),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "vhangup": (153, 58), "sethostname": (170, 161),
    "setdomainname": (171, 162), "fanotify_init": (300, 262), "iopl": (172, None), "ioperm": (173, None),
    "memfd_secret": (447, 447), "sched_setscheduler": (144, 119), "sched_setparam": (142, 118),
    "sched_setattr": (314, 274), "setpriority": (141, 140),
}  # fmt: skip
ABSENT = {
    "clone3": (435, 435),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "memfd_create": (319, 279),
    "shmget": (29, 194),
}
CLONE, SOCKET = (56, 220), (41, 198)
NAMESPACES = 0x7E020080
"""All flags of `clone` that make a namespace."""
FAMILIES = (1, 2, 10, 16)
"""Sockets that remain: UNIX, IPv4, IPv6, and netlink, by which a program asks for its own addresses."""

Instruction = tuple[int, int, int, int]
"""What to do, how far to jump if so and if not, with which number."""


def supported() -> bool:
    """Whether there is a table for this machine."""
    return platform.machine() in MACHINES


def program(machine: str) -> list[Instruction]:
    """The filter for one kind of machine."""
    architecture, place = MACHINES[machine]
    return list(_program(architecture, place))


def _program(architecture: int, place: int) -> Iterator[Instruction]:
    refuse, absent = REFUSE | errno.EPERM, REFUSE | errno.ENOSYS
    yield (LOAD, 0, 0, ARCHITECTURE)
    yield from [(EQUAL, 1, 0, architecture), (RETURN, 0, 0, KILL)]
    yield (LOAD, 0, 0, NUMBER)
    yield from [(AT_LEAST, 0, 1, X32), (RETURN, 0, 0, absent)]
    for table, answer in ((DENIED, refuse), (ABSENT, absent)):
        for numbers in table.values():
            number = numbers[place]
            if number is not None:
                yield from [(EQUAL, 0, 1, number), (RETURN, 0, 0, answer)]
    yield (EQUAL, 0, 4, CLONE[place])
    yield from [
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (ANY_BIT, 0, 1, NAMESPACES),
        (RETURN, 0, 0, refuse),
        (RETURN, 0, 0, ALLOW),
    ]
    yield (EQUAL, 0, len(FAMILIES) + 2, SOCKET[place])
    yield (LOAD, 0, 0, FIRST_ARGUMENT)
    for ahead, family in enumerate(FAMILIES):
        yield (EQUAL, len(FAMILIES) - ahead, 0, family)
    yield (RETURN, 0, 0, refuse)
    yield (RETURN, 0, 0, ALLOW)


def compiled() -> bytes:
    """The filter for this machine as the kernel takes it."""
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in program(platform.machine()))


def install() -> None:
    """Put the filter on this process and its children, for good; needs `no_new_privs`."""
    if not supported():
        return
    code = compiled()
    buffer = ctypes.create_string_buffer(code, len(code))
    length = struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer))
    header = ctypes.create_string_buffer(length, len(length))
    linux.prctl(linux.PR_SET_SECCOMP, FILTER, ctypes.addressof(header))
