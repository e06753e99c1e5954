"""What the course remembers of the hand-ins that `grader adopt` made: which they are, and what they lack.

The record lies with the course, not in the hand-in, and names the hand-in by the hash of its files. So that tests
are left out is decided by whoever runs `grader adopt`: no byte of a hand-in can ask for it, and a hand-in that was
changed after its adoption is an ordinary one.
"""

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from grader import record
from grader.errors import ConfigError

FOLDER = Path(".grader", "adopted")


@dataclass(frozen=True)
class Adoption:
    """One adopted hand-in. `beyond` are adapters and drivers whose tests it need not pass; `lacking` it does not have."""

    assignment: str
    submission_sha256: str
    source: str
    beyond: tuple[str, ...]
    lacking: tuple[str, ...]


def remember(root: Path, adoption: Adoption) -> Path:
    """Keep `adoption` with the course at `root`, whole or not at all.

    Raises:
        ConfigError: the course's folder cannot be written.
    """
    path = _path(root, adoption.assignment, adoption.submission_sha256)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            json.dump(asdict(adoption), file, indent=1)
        os.replace(file.name, path)
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be written ({error.strerror}); expected a course folder of one's own"
        ) from None
    return path


def find(root: Path, assignment: str, submission_sha256: str) -> Adoption | None:
    """The adoption that made this hand-in, or None for an ordinary one.

    Raises:
        RecordError: there is a record that was not written by `remember`.
    """
    path = _path(root, assignment, submission_sha256)
    if not path.is_file():
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise record.RecordError(f"{path}: cannot be read as JSON: {error}") from None
    return record.read(Adoption, data, str(path))


def _path(root: Path, assignment: str, submission_sha256: str) -> Path:
    return root / FOLDER / assignment / f"{submission_sha256}.json"
