"""The last step into a sandbox: limits that must be set inside, another user, then the job's command.

Runs as `python -I -S enter.py <limits as JSON> command…`; imports nothing beyond the standard library.
"""

import ctypes
import json
import os
import resource
import sys

PR_SET_NO_NEW_PRIVS = 38


def limit(kind: int, amount: int) -> None:
    """Set soft and hard limit; a machine that already allows less keeps its own."""
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        amount = min(amount, hard)
    resource.setrlimit(kind, (amount, amount))


def main(argv: list[str]) -> None:
    """Apply the limits and become the command."""
    limits = json.loads(argv[1])
    os.umask(0o077)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        limit(resource.RLIMIT_DATA, limits["memory_mb"] * 2**20)
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_NOFILE, limits["open_files"])
    limit(resource.RLIMIT_FSIZE, limits["tmp_mb"] * 2**20)
    user = limits["user"]
    if user:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    if limits["processes"]:
        # After the change of user: the kernel counts per user, and does not count root.
        limit(resource.RLIMIT_NPROC, limits["processes"])
    os.execv(argv[2], argv[2:])


main(sys.argv)
