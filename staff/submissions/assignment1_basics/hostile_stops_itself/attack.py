"""Stops itself and the process above: neither ends, neither answers, neither uses the processor."""

import contextlib
import os
import signal


def strike(answer):
    for pid in (os.getppid(), os.getpid()):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGSTOP)
    return answer
