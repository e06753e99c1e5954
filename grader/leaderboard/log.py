"""What the log of a run says at its end: the entrant's word, which nothing but its own limits is held against."""

import json
from pathlib import Path

from grader.leaderboard.case import Case, Refused
from grader.leaderboard.entry import LOG

MOST_LINE = 2**16


def claimed(case: Case, key: str, of: str, most: float, slack: float = 1.0) -> float:
    """The number under `key` in the last line of log.jsonl; `of` says in a message what is counted.

    Raises:
        Refused: it is not there, or more than `slack` times `most`.
    """
    path: Path = case.entry.files[LOG]
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - MOST_LINE))
        lines = file.read(MOST_LINE).strip().splitlines()
    try:
        value = float(json.loads(lines[-1])[key])
    except (IndexError, KeyError, TypeError, ValueError, RecursionError):
        raise Refused(f'the last line of log.jsonl is no JSON object with a number "{key}": {of}') from None
    if not 0 <= value <= slack * most:
        raise Refused(f"log.jsonl tells of {value:.0f} {of}; expected at most {most:g}")
    return value
