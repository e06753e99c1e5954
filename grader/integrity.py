"""What was noticed about a hand-in that no homework needs to do: for staff's eyes, apart from the score.

The notes come from the worker (`grader.tripwires`), which the hand-in may have taken over, and from what the trusted
side sees itself: bytes that are no reply, processes and files that a test left. A hand-in can keep quiet about itself and
can tell tales, about nobody but itself. So a notice is a reason to read the code, no proof, and never costs points.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from grader.findings import Finding

KIND = "integrity"
MOST_NOTICES = 100
"""Different ones that a worker may tell; what the trusted side sees itself is always told."""
LONGEST = 200
HIGHEST_LINE = 10**7

WORDS: Mapping[str, str] = {
    "network": "tried to reach beyond its own loopback",
    "files": "touched files that are not its own",
    "programs": "started another program",
    "processes": "forked or signalled processes itself",
    "memory": "looked into memory",
    "interpreter": "reached into the interpreter",
    "limits": "changed its limits",
    "left-behind": "left processes behind that had gone out of their group; they were ended",
    "leftovers": "left files behind that could not be removed; the box was thrown away",
    "channel": "sent what is not a reply to the call",
}
"""What each kind of notice means. A worker may use the first seven; the last three are the trusted side's."""

FROM_WORKERS = frozenset(list(WORDS)[:7])


@dataclass(frozen=True)
class Notice:
    """One thing noticed, and the line of the hand-in that led to it, if there is one."""

    kind: str
    detail: str = ""
    file: str = ""
    line: int = 0


def told(value: object) -> Notice | None:
    """The notice that a worker told, or None where it is none: what a worker sends is a stranger's word."""
    if not isinstance(value, list | tuple) or len(value) != 4:
        return None
    kind, detail, file, line = value
    if not (isinstance(kind, str) and isinstance(detail, str) and isinstance(file, str) and type(line) is int):
        return None
    if kind not in FROM_WORKERS or not 0 <= line <= HIGHEST_LINE:
        return None
    return Notice(kind, detail[:LONGEST], file[:LONGEST], line)


def findings(notices: Mapping[Notice, int]) -> tuple[Finding, ...]:
    """Findings for the report, in the order of kinds and places. The numbers say in how many tests each was noticed."""
    order = {kind: number for number, kind in enumerate(WORDS)}
    found = sorted(notices.items(), key=lambda item: (order[item[0].kind], item[0].file, item[0].line, item[0].detail))
    return tuple(
        Finding(KIND, None, notice.file, notice.line, notice.kind, _message(notice, tests)) for notice, tests in found
    )


def _message(notice: Notice, tests: int) -> str:
    detail = f": {notice.detail}" if notice.detail else ""
    return f"{WORDS[notice.kind]}{detail} (in {tests} test{'s' if tests > 1 else ''})"
