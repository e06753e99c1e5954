"""Lifts every limit, then takes 3 GiB."""

import contextlib
import mmap
import resource
import time

STEP, MOST = 2**26, 3 * 2**30


def strike(answer):
    for name in dir(resource):
        if name.startswith("RLIMIT_"):
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(getattr(resource, name), (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    kept, taken = [], 0
    while taken < MOST:
        try:
            block = mmap.mmap(-1, STEP, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
            block.write(b"x" * STEP)
        except OSError as error:
            raise MemoryError from error
        kept.append(block)
        taken += STEP
    time.sleep(2)
    return answer
