"""What verifying an entry came to, as data that is kept and sent."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from grader import record

SCHEMA = 1


@dataclass(frozen=True)
class Verdict:
    """An entry's place is decided by `score`; where `ok` is False it has none, and `reasons` say why.

    `claim` is what the entrant says; `spread` how far the score may be off by chance, in its unit.
    """

    schema: int
    assignment: str
    track: str
    name: str
    entry_sha256: str
    ok: bool
    score: float | None
    spread: float
    claim: float | None
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    seed: int
    engine: str
    seconds: float
    measurements: Mapping[str, float] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


def to_json(verdict: Verdict) -> str:
    """The verdict as text."""
    return json.dumps(asdict(verdict), indent=1) + "\n"


def from_json(text: str, place: str) -> Verdict:
    """The verdict of `to_json`.

    Raises:
        RecordError: it is none; the message names `place`.
    """
    try:
        values = json.loads(text)
    except ValueError as error:
        raise record.RecordError(f"{place}: not valid JSON: {error}") from None
    return record.read(Verdict, values, place)
