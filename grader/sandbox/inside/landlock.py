"""Landlock: the kernel's own list of where a process may write, beneath the mounts, should one of them fail.

Reading and running are allowed everywhere in the box's root, writing only in its temporary folders and devices.
"""

import ctypes
import os
from collections.abc import Sequence

from grader.sandbox.inside.linux import LIBC, call

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION, PATH_BENEATH = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE, IOCTL = 1, 2, 4, 8, 1 << 14, 1 << 15
RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights on files each version of the interface knows; from 6 on as many as 5."""
SCOPE_ABSTRACT_SOCKETS, SCOPE_SIGNALS = 1, 2


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """The version of the interface that this kernel has; 0 where Landlock is missing or switched off."""
    return max(int(LIBC.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION)), 0)


def restrict(writable: Sequence[str]) -> None:
    """Let this process and its children write below `writable` only; does nothing on a kernel without Landlock."""
    known = version()
    if not known:
        return
    everything = (1 << RIGHTS.get(known, 16)) - 1
    fields = (ctypes.c_uint64 * 3)(everything, 0, SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS)
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    rules = call("landlock_create_ruleset", LIBC.syscall(CREATE_RULESET, fields, ctypes.c_size_t(size), 0))
    allowed = {"/": EXECUTE | READ_FILE | READ_DIR, "/dev": WRITE_FILE | TRUNCATE | IOCTL}
    for path, rights in (*allowed.items(), *((path, everything) for path in writable)):
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rule = _Beneath(rights & everything, folder)
        call(f"landlock_add_rule {path}", LIBC.syscall(ADD_RULE, rules, PATH_BENEATH, ctypes.byref(rule), 0))
        os.close(folder)
    call("landlock_restrict_self", LIBC.syscall(RESTRICT_SELF, rules, 0))
    os.close(rules)
