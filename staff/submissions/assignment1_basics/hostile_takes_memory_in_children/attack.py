"""Takes memory in processes of its own, 400 MiB each."""

import os
import time

MIB = 2**20


def strike(answer):
    for _ in range(8):
        if os.fork() == 0:
            kept = [b"x" * MIB for _ in range(400)]
            time.sleep(30)
            os._exit(len(kept) % 2)
    time.sleep(30)
    return answer
