"""What grading one hand-in brought: facts without points, kept so that points can be given again.

An outcome is written by the trusted side only. Read back, it is checked key by key: a truncated or foreign
file is a clear error, never a grade.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Literal

from grader import record
from grader.findings import Finding

SCHEMA = 1

NOT_RUN = "not run: an earlier test of the problem has failed"
"""The message of a test that `grader.first_failure` has left out."""


class Verdict(StrEnum):
    """What a test came to. `GRADER_ERROR` is ours and costs nobody points."""

    PASS = "PASS"
    FAIL = "FAIL"
    ERROR = "ERROR"
    NOT_IMPLEMENTED = "NOT_IMPLEMENTED"
    TIMEOUT = "TIMEOUT"
    MEMORY = "MEMORY"
    CRASH = "CRASH"
    POLICY = "POLICY"
    GRADER_ERROR = "GRADER_ERROR"


@dataclass(frozen=True)
class ExpectedTest:
    """A test that was to run, known before anything of the hand-in did."""

    name: str
    hidden: bool = False


@dataclass(frozen=True)
class TestOutcome:
    """What the trusted side recorded for one test. `seconds` is wall-clock time."""

    __test__: ClassVar[bool] = False  # pytest would take the name for a test class

    name: str
    problem: str
    hidden: bool
    verdict: Verdict
    message: str
    seconds: float


@dataclass(frozen=True)
class HandinOutcome:
    """All facts about one hand-in in one run.

    `status` is "graded", or "refused" with the reason in `refusal`. `expected` holds, for each problem that
    was run, the tests that must be recorded. `policy` says whether findings cost points.
    """

    assignment: str
    submission: str
    submission_sha256: str
    assignment_sha256: str
    seed: int
    engine: str
    status: Literal["graded", "refused"]
    refusal: str = ""
    policy: Literal["enforce", "warn"] = "enforce"
    expected: Mapping[str, tuple[ExpectedTest, ...]] = field(default_factory=dict)
    tests: tuple[TestOutcome, ...] = ()
    findings: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Plain data from which `from_json` makes an equal outcome."""
        return {"schema": SCHEMA, **asdict(self)}

    @classmethod
    def from_json(cls, data: object) -> "HandinOutcome":
        """The outcome that `to_json` wrote.

        Raises:
            RecordError: a key is missing, unknown or of the wrong type; the message says which.
        """
        if not isinstance(data, dict) or data.get("schema") != SCHEMA:
            raise record.RecordError(f"outcome: not of schema {SCHEMA}; expected what this grader wrote")
        return record.read(cls, {key: value for key, value in data.items() if key != "schema"}, "outcome")
