"""The other side of `grader.policy.checker`: a process that has imported the check, and forks for each hand-in.

Each message on its standard input, a socket, brings how much processor time a check may take and two files: the task, JSON,
and where the answer goes, JSON lines: each file's name before it is looked at, then the result. The fork sets its own limits.
What is sent back is how it ended. A busy machine may take longer by the clock, but not for ever.
"""

import contextlib
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import traceback
from pathlib import Path
from typing import NoReturn

from grader.policy.rules import Policy
from grader.policy.scan import scan

MOST_OUTPUT = 8 * 2**20
RECURSION = 6000
SECONDS = struct.Struct("!d")
ENDED = struct.Struct("!d?i")
"""Processor time used, whether that was too much, and the code that the fork ended with."""
PATIENCE = 12.0
"""By the clock, a check may take so many times its seconds."""


def main() -> None:
    """Serve until the judge closes its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the judge's to act on
    with socket.socket(fileno=sys.stdin.fileno()) as judge:
        while True:
            message, files, _, _ = socket.recv_fds(judge, SECONDS.size, 2)
            if len(message) < SECONDS.size or len(files) < 2:
                return
            judge.sendall(ENDED.pack(*_forked(*files, *SECONDS.unpack(message))))


def _forked(task: int, output: int, seconds: float) -> tuple[float, bool, int]:
    ends, alive = os.pipe()  # the fork alone holds the second end, so the first one tells when it has ended
    child = os.fork()
    if child == 0:
        os.close(ends)
        _check(task, output, seconds)
    for descriptor in (alive, task, output):
        os.close(descriptor)
    has_ended, _, _ = select.select([ends], [], [], PATIENCE * seconds)
    os.close(ends)
    if not has_ended:
        os.kill(child, signal.SIGKILL)
    _, status, used = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime, not has_ended or code == -signal.SIGPROF, code


def _check(task: int, output: int, seconds: float) -> NoReturn:
    code = 1
    try:
        signal.setitimer(signal.ITIMER_PROF, seconds)
        os.dup2(task, 0)
        os.dup2(output, 1)
        _answer()
        code = 0
    except BaseException:  # whatever it is: the code tells, and nobody is there to catch it
        traceback.print_exc()
    finally:
        os._exit(code)


def _answer() -> None:
    with open(0, "rb", closefd=False) as file:
        task = json.load(file)
    _limit(int(task["memory_mb"]) * 2**20)
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


def _limit(memory: int) -> None:
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_FSIZE: MOST_OUTPUT,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in limits.items():
        hard = resource.getrlimit(kind)[1]
        bounded = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS knows a limit on memory by name only
            resource.setrlimit(kind, (bounded, bounded))
