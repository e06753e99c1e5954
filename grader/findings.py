"""Something that was noticed about a hand-in, beside what its tests came to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing noticed. Only the kind `policy` can cost points, and only those of its problem."""

    kind: str
    problem: str | None
    file: str
    line: int
    rule: str
    message: str
