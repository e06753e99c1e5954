"""Leaves two processes behind that keep the processor busy for half a minute, and answers well."""

import os
import time


def strike(answer):
    for _ in range(2):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                end = time.monotonic() + 30
                while time.monotonic() < end:
                    pass
            os._exit(0)
    return answer
