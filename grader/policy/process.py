"""The source check in a process of its own, with limits: a stranger's file may be made to exhaust a parser.

A fresh interpreter without site packages reads the task from its standard input and writes JSON lines: the name of
each file before it is looked at, then the result. Where it dies or overruns its time, the file it was at is left
out and the rest is checked again; such a file is a finding. Nothing of the hand-in is ever executed.

Covered: time, memory, output, stack. Not covered: the file system and the network, which the check does not use.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO

from grader.policy.child import MOST_OUTPUT
from grader.policy.result import ScanResult
from grader.policy.rules import Policy
from grader.policy.scan import failed

ATTEMPTS = 4
# The packages' own `__init__` are not run, to start fast; their folders are named here, not by a search path.
START = (
    "import sys; Package = type(sys)\n"
    "for name, path in zip(('grader', 'grader.policy'), sys.argv[1:]):\n"
    "    sys.modules[name] = Package(name); sys.modules[name].__path__ = [path]\n"
    "from grader.policy.child import main; main()"
)


def scan_in_process(
    tree: Path,
    policy: Policy,
    entry_points: Mapping[str, Iterable[str]],
    staff_owned: Iterable[str] = (),
    *,
    seconds: float = 20.0,
    memory_mb: int = 1024,
) -> ScanResult:
    """Do what `scan` does within `seconds` of wall-clock time and `memory_mb` MiB of address space."""
    deadline = time.monotonic() + seconds
    known_bad: dict[str, str] = {}
    why = ""
    for _ in range(ATTEMPTS):
        task = {
            "tree": str(tree.absolute()),
            "policy": asdict(policy),
            "entry_points": {problem: list(names) for problem, names in entry_points.items()},
            "staff_owned": list(staff_owned),
            "known_bad": known_bad,
            "memory_mb": memory_mb,
            "seconds": seconds,
        }
        # Half of what is left, so that a file that takes all the time does not take that of the others.
        left = deadline - time.monotonic()
        why, at, result = _run(task, left / 2 if left > 1 else left)
        if result is not None:
            return result
        if not at or at in known_bad or time.monotonic() >= deadline:
            break
        known_bad[at] = why
    return failed(why)


def _run(task: dict[str, object], seconds: float) -> tuple[str, str, ScanResult | None]:
    """Why there is no result, the file it was at, the result."""
    here = Path(__file__).resolve().parent
    command = [sys.executable, "-I", "-S", "-B", "-W", "ignore", "-c", START, str(here.parent), str(here)]
    with tempfile.TemporaryFile() as output:
        try:
            ended = subprocess.run(
                command,
                input=json.dumps(task).encode(),
                stdout=output,
                stderr=subprocess.DEVNULL,
                timeout=max(seconds, 0.1),
                check=False,
                env={},
                cwd="/",
            )
            why = f"the check ended with code {ended.returncode}"
        except subprocess.TimeoutExpired:
            why = f"the check took more than {seconds:.1f} s"
        at, result = _read(output)
    return why, at, result


def _read(output: IO[bytes]) -> tuple[str, ScanResult | None]:
    output.seek(0)
    at = ""
    for line in output.read(MOST_OUTPUT + 1).splitlines():
        try:
            entry = json.loads(line)
            if "result" in entry:
                return at, ScanResult.from_json(entry["result"])
            at = str(entry["at"])
        except (ValueError, TypeError, KeyError):
            break
    return at, None
