"""Which assignment and problem a test belongs to, and how its calls reach the student's code."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from grader import assignment as assignments
from grader.assignment import PUBLIC_SEED, Assignment, problem_of
from grader.errors import ConfigError
from grader.testing.home import Home
from grader.testing.proxy import Transport

BEYOND = "beyond_public_course"
"""The mark of a test that asks for what the public course's handout and tests leave open."""


@dataclass(frozen=True)
class Setting:
    """What the fixtures of one test are made from."""

    assignment: Assignment
    problem: str
    seed: int
    transport: Transport
    recording: bool = False


class Settings:
    """Finds the setting of a test: at home by its path; a graded run fixes transport and seed."""

    def __init__(self, fixed: Setting | None = None) -> None:
        self._fixed = fixed
        self._home: dict[Path, Home] = {}

    def of(self, node: pytest.Item) -> Setting:
        """The setting of the test `node`."""
        problem = problem_of(node.path)
        if self._fixed is not None:
            fixed = self._fixed
            return Setting(fixed.assignment, problem, fixed.seed, fixed.transport, fixed.recording)
        home = self.home(node.path)
        if home is None:
            raise ConfigError(
                f"{node.path}: not a test of an assignment; expected <assignment>/tests/test_<problem>.py"
            )
        return Setting(home.assignment, problem, PUBLIC_SEED, home)

    def home(self, path: Path) -> Home | None:
        """The transport for the assignment that a test file belongs to; None for tests of anything else."""
        folder = path.parent.parent
        if path.parent.name != "tests" or not (folder / "assignment.toml").is_file():
            return None
        if folder not in self._home:
            self._home[folder] = Home(assignments.load(folder.parent, folder.name))
        return self._home[folder]


SETTING = pytest.StashKey[Settings]()
