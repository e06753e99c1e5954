"""How much memory a tree of processes holds, read from Linux's /proc; elsewhere nothing is known."""

import contextlib
import os


def tree(root: int) -> list[int]:
    """`root` and all its living descendants; orphans inside a PID namespace stay descendants of its first process."""
    found = [root]
    for pid in found:
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{pid}/task"):
                with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                    found.extend(map(int, file.read().split()))
    return found


def of_tree(root: int, limit_mb: float) -> float:
    """MiB of anonymous, shared and swapped memory in the tree.

    The cheap sum counts pages shared after a fork once a process; only where it exceeds `limit_mb` are shared pages
    divided among their users, if the system lets us see that.
    """
    pids = tree(root)
    rough = sum(_kilobytes(pid, "status", ("RssAnon:", "RssShmem:", "VmSwap:")) or 0 for pid in pids) / 1024
    if rough <= limit_mb:
        return rough
    keys = ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")
    exact = [
        _kilobytes(pid, "smaps_rollup", keys) or _kilobytes(pid, "status", ("RssAnon:", "RssShmem:")) or 0
        for pid in pids
    ]
    return sum(exact) / 1024


def _kilobytes(pid: int, file: str, keys: tuple[str, ...]) -> int | None:
    try:
        with open(f"/proc/{pid}/{file}", encoding="ascii", errors="replace") as lines:
            return sum(int(line.split()[1]) for line in lines if line.startswith(keys))
    except (OSError, ValueError):
        return None
