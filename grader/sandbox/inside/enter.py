"""The last step into a sandbox: limits that must be set inside, another user, then the job's command.

As a program it is `enter.py <limits as JSON> command…`. Imports nothing beyond the standard library.
"""

import json
import os
import resource
import sys
from collections.abc import Mapping

PR_SET_NO_NEW_PRIVS = 38


def limit(kind: int, amount: int) -> None:
    """Set soft and hard limit; a machine that already allows less keeps its own."""
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        amount = min(amount, hard)
    resource.setrlimit(kind, (amount, amount))


def set_limits(limits: Mapping[str, int]) -> None:
    """The limits that do not depend on the user; sizes in MiB."""
    os.umask(0o077)
    if sys.platform == "linux":
        limit(resource.RLIMIT_DATA, limits["memory_mb"] * 2**20)
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_NOFILE, limits["open_files"])
    limit(resource.RLIMIT_FSIZE, limits["tmp_mb"] * 2**20)


def become(user: int) -> None:
    """Give up root for the user id `user`, in no other group."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def main(argv: list[str]) -> None:
    """Apply the limits and become the command."""
    limits = json.loads(argv[1])
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    set_limits(limits)
    if limits["user"]:
        become(limits["user"])
    if limits["processes"]:
        # After the change of user: the kernel counts per user, and does not count root.
        limit(resource.RLIMIT_NPROC, limits["processes"])
    os.execv(argv[2], argv[2:])


if __name__ == "__main__":
    main(sys.argv)
