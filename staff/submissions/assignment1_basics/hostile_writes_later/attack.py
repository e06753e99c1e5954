"""Leaves a process behind that writes a grade once nobody looks. The marker is all it touches."""

import contextlib
import json
import os
import time
from pathlib import Path

MARKER = Path("/tmp/grader-hostile-marker")


def late():
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    for _ in range(20):
        time.sleep(0.5)
        with contextlib.suppress(OSError):
            MARKER.mkdir(exist_ok=True)
            (MARKER / f"{os.getpid()}.json").write_text(json.dumps({"score": 100.0, "verdict": "PASS"}))
    os._exit(0)


late()
