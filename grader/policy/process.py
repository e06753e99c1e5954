"""The source check in a process of its own, with limits: a stranger's file may be made to exhaust a parser.

A fork of an interpreter without site packages (`grader.policy.checker`) reads the task and writes JSON lines: the name of
each file before it is looked at, then the result. Where it dies or overruns its time, the file it was at is left
out and the rest is checked again; such a file is a finding. Nothing of the hand-in is ever executed.

Covered: processor time, memory, output, stack. Not covered: the file system and the network, which the check does not use.
"""

import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO

from grader.policy import checker
from grader.policy.child import MOST_OUTPUT
from grader.policy.result import ScanResult
from grader.policy.rules import Policy
from grader.policy.scan import failed

ATTEMPTS = 4
LEAST = 0.05
"""Seconds that are worth a try."""


def scan_in_process(
    tree: Path,
    policy: Policy,
    entry_points: Mapping[str, Iterable[str]],
    staff_owned: Iterable[str] = (),
    *,
    seconds: float = 20.0,
    memory_mb: int = 1024,
) -> ScanResult:
    """Do what `scan` does within `seconds` of processor time and `memory_mb` MiB of address space."""
    left = seconds
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
        }
        # Half of what is left, so that a file that takes all the time does not take that of the others.
        ended, at, result = _run(task, left / 2 if left > 1 else left)
        if result is not None:
            return result
        why = (
            f"the check took more than {seconds:.1f} s"
            if ended.was_too_much
            else f"the check ended with code {ended.code}"
        )
        left -= ended.used
        if not at or at in known_bad or left < LEAST:
            break
        known_bad[at] = why
    return failed(why)


def _run(task: dict[str, object], seconds: float) -> tuple[checker.Ended, str, ScanResult | None]:
    """How it ended, the file it was at, the result."""
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as output:
        asked.write(json.dumps(task).encode())
        asked.seek(0)
        ended = checker.run(asked, output, seconds)
        at, result = _read(output)
    return ended, at, result


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
