"""Writes reports into a folder, each file in one step, so that a killed run leaves whole files only.

DIR/<name>.json            the report of a hand-in
DIR/outcomes/<name>.json   the facts it was scored from; `grader score` reads these
DIR/class.json             one row a hand-in
DIR/class.html             the page
"""

import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader.assignment import Assignment
from grader.outcome import HandinOutcome
from grader.record import RecordError
from grader.report import document, page
from grader.scoring import HandinScore

OUTCOMES = "outcomes"
CLASS = "class"
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write_handin(score: HandinScore, directory: Path) -> Path:
    """Write the report of a hand-in, and ahead of it the outcome that it can be made from again."""
    name = score.outcome.submission
    if not name or name != Path(name).name or name.startswith(".") or name.casefold() == CLASS:
        raise ValueError(f"{name!r} cannot name a report; expected one of grader.intake.report_names")
    replace(directory / OUTCOMES / f"{name}.json", _json(score.outcome.to_json()))
    return replace(directory / f"{name}.json", _json(document.of_handin(score)))


def write_class(assignment: Assignment, scores: Sequence[HandinScore], directory: Path) -> Path:
    """Write `class.json` and `class.html`, and return the path of the page."""
    replace(directory / f"{CLASS}.json", _json(document.of_class(assignment, scores)))
    return replace(directory / f"{CLASS}.html", page.render(assignment, scores))


def read_outcomes(directory: Path) -> list[HandinOutcome]:
    """The outcomes kept in `directory`, by name.

    Raises:
        RecordError: a file is not what `write_handin` wrote; the message names it.
    """
    outcomes = []
    for path in sorted((directory / OUTCOMES).glob("*.json")):
        try:
            outcome = HandinOutcome.from_json(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, RecursionError) as error:
            raise RecordError(f"{path}: not valid JSON: {error}") from None
        except RecordError as error:
            raise RecordError(f"{path}: {error}") from None
        if outcome.submission != path.stem:
            raise RecordError(f"{path}: holds the outcome of {outcome.submission!r}; expected {path.stem!r}")
        outcomes.append(outcome)
    return outcomes


def replace(path: Path, text: str) -> Path:
    """Put `text` in the place of the file `path`; a reader, or a crash, sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        with os.fdopen(os.open(draft, NEW_FILE, 0o666), "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)  # the new name, too, is on the disk
    finally:
        os.close(folder)
    return path


def _json(data: Any) -> str:
    # ASCII only: no terminal, editor or exporter has to make sense of a student's odd characters.
    return json.dumps(data, indent=1, allow_nan=False) + "\n"
