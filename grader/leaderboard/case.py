"""What a verifier is given, what it gives back, and how it refuses.

A verifier is a module `staff/leaderboards/<assignment>/<verifier>.py` with a function `verify(case) -> Measured`. It runs in
the trusted process, imports nothing of an entry's, and holds all that an entry must not see.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from grader.assignment import Assignment
from grader.errors import ConfigError
from grader.leaderboard.entry import Entry
from grader.leaderboard.track import Track
from grader.leaderboard.worker import Worker
from grader.sandbox import Engine
from grader.submission import Submission
from grader.testing.draw import Draw


class Refused(Exception):
    """The entry does not count; the message is the reason, for the entrant and for the public."""


@dataclass(frozen=True)
class Measured:
    """A score, how far chance may have moved it, and what else was measured on the way."""

    score: float
    spread: float = 0.0
    measurements: Mapping[str, float] = field(default_factory=dict)
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Case:
    """One entry to be verified. `course` has the limits of the track; `trees` are what workers see."""

    track: Track
    course: Assignment
    entry: Entry
    seed: int
    engine: Engine
    guard: Mapping[str, str]
    entry_tree: Path
    reference_tree: Path
    """The course's reference, with the files of the entry where it looks for a run's."""
    started: list[Submission] = field(default_factory=list)
    """Every box of the entry so far, for what was noticed in it."""

    def draw(self, *key: object) -> Draw:
        """A source of inputs of its own for each key; two entries of a track with the same seed get the same."""
        return Draw(self.seed, self.track.assignment, self.track.id, *key)

    def setting(self, name: str) -> int:
        """A whole number of the track's `settings`.

        Raises:
            ConfigError: it is not there, or not whole.
        """
        value = self.track.settings.get(name)
        if value is None or value != int(value):
            raise ConfigError(
                f"{self.track.assignment}/leaderboard.toml: tracks.{self.track.id}.settings.{name} is {value}; expected a whole number"
            )
        return int(value)

    @contextmanager
    def worker(self) -> Iterator[Worker]:
        """A box with the entry."""
        submission = Submission(self.course, self.entry_tree, self.engine, self.guard)
        self.started.append(submission)
        with _open(submission, self) as worker:
            yield worker

    @contextmanager
    def weights_worker(self) -> Iterator[Worker]:
        """A box with the files of the entry and none of its code: the reference's drivers read them."""
        submission = Submission(self.course, self.reference_tree, self.engine, self.guard)
        self.started.append(submission)
        with _open(submission, self) as worker:
            yield worker

    @contextmanager
    def reference_worker(self) -> Iterator[Worker]:
        """A box with the course's reference, under the same limits and the same guard."""
        with _open(Submission(self.course, self.reference_tree, self.engine, self.guard), self) as worker:
            yield worker


@contextmanager
def _open(submission: Submission, case: Case) -> Iterator[Worker]:
    try:
        yield Worker(submission, case.course, case.track.id)
    finally:
        submission.close()
