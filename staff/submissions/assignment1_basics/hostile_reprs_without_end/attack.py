"""Raises what cannot be printed."""

import time


class Slow(Exception):
    def __str__(self):
        end = time.monotonic() + 90
        while time.monotonic() < end:
            time.sleep(1)
        return "done"

    __repr__ = __str__


def strike(answer):
    raise Slow
