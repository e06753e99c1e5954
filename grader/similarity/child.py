"""The process in which hand-ins are read: sets its own limits, then answers one request a line.

A request is JSON: `{"files": [[name, text], …], "window": n}`; the answer is what `fingerprint.from_json` reads, or
`{"error": …}`. The first line, `{"ready": true}`, says that the libraries are loaded. Opens no file of a hand-in and runs
none of its code.
"""

import contextlib
import io
import json
import resource
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from copydetect import CodeFingerprint

from grader.similarity.fingerprint import K
from grader.similarity.tokens import tokenized

NOT_WINNOWED = 1


def main(memory_mb: int, cpu_seconds: int) -> None:
    """The process itself; it ends with its standard input. `memory_mb` come on top of what the libraries take."""
    _limit(resource.RLIMIT_AS, _taken() + memory_mb * 2**20)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    print(json.dumps({"ready": True}), flush=True)
    for request in sys.stdin.buffer:
        used = resource.getrusage(resource.RUSAGE_SELF)
        _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + cpu_seconds)
        try:
            answer = json.dumps(_fingerprint(json.loads(request)))
        except (MemoryError, RecursionError) as error:
            answer = json.dumps({"error": type(error).__name__})
        print(answer, flush=True)


def _fingerprint(request: Mapping[str, Any]) -> dict[str, list[Any]]:
    names: list[str] = []
    starts: list[int] = []
    lines: list[int] = []
    hashes: list[int] = []
    places: list[int] = []
    for name, text in request["files"]:
        tokens, on = tokenized(text)
        names.append(name)
        starts.append(len(lines))
        if len(tokens) >= K:
            # Base code is taken out by whoever asked: given here, copydetect takes for base code what occurs twice.
            found = CodeFingerprint(name, K, request["window"], filter=False, fp=io.StringIO(tokens))
            for value, at in found.hash_idx.items():
                hashes += [int(value)] * len(at)
                places += [len(lines) + int(place) for place in at]
        lines += on
    return {"files": names, "starts": starts, "lines": lines, "hashes": hashes, "places": places}


def _taken() -> int:
    """The address space of the libraries, which differs by machine and is nobody's fault."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:
        return 2**30


def _limit(kind: int, most: int) -> None:
    hard = resource.getrlimit(kind)[1]
    with contextlib.suppress(ValueError, OSError):  # macOS knows a limit on memory by name only
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
