"""Takes memory, at most three GiB, by every road."""

import mmap
import os

STEP, MOST = 2**26, 3 * 2**30


def take():
    kept, taken = [], 0
    while taken < MOST:
        try:
            kept.append(bytearray(os.urandom(1)) * STEP)
        except MemoryError:
            break
        taken += STEP
    while taken < MOST:
        shared = mmap.mmap(-1, STEP)
        shared.write(b"x" * STEP)
        kept.append(shared)
        taken += STEP
    return kept
