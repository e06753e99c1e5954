"""The process in which `scan_in_process` has a hand-in checked: sets its own limits, then reads and answers.

Reads the task, JSON, from standard input. Writes JSON lines: each file's name before it is looked at, the result.
"""

import contextlib
import json
import resource
import sys
from pathlib import Path

from grader.policy.rules import Policy
from grader.policy.scan import scan

MOST_OUTPUT = 8 * 2**20
RECURSION = 6000


def main() -> None:
    """The process itself."""
    task = json.load(sys.stdin)
    _limit(int(task["memory_mb"]) * 2**20, int(task["seconds"]) + 1)
    sys.setrecursionlimit(RECURSION)
    result = scan(
        Path(task["tree"]),
        Policy(**{key: tuple(names) for key, names in task["policy"].items()}),
        task["entry_points"],
        task["staff_owned"],
        known_bad=task["known_bad"],
        progress=lambda file: print(json.dumps({"at": file}), flush=True),
    )
    print(json.dumps({"result": result.to_json()}), flush=True)


def _limit(memory: int, cpu_seconds: int) -> None:
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: MOST_OUTPUT,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in limits.items():
        hard = resource.getrlimit(kind)[1]
        bounded = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS knows a limit on memory by name only
            resource.setrlimit(kind, (bounded, bounded))
