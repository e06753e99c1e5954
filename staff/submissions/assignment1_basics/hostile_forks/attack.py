"""A fork bomb with a short fuse: at most 200 processes, none of which starts another or lives long."""

import os
import time

for _ in range(200):
    try:
        pid = os.fork()
    except OSError:
        break
    if pid == 0:
        os.setsid()
        time.sleep(30)
        os._exit(0)
