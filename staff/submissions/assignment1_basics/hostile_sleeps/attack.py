"""Sleeps."""

import signal
import time


def sleep():
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            continue
    end = time.monotonic() + 90
    while time.monotonic() < end:
        time.sleep(1)
