"""What tests of an assignment work with: pytest fixtures, taken by name, never imported.

`adapters` and `drivers` reach the student's code, `draw` makes fresh inputs, `check` compares, `stopwatch` times a
call against a yardstick, `snapshot` compares with a stored value, `fixture_path` and `scratch_text` name files that
travel to where the student's code runs. The same tests run at home, where the student's module is called directly,
and in a graded run, where every call crosses the wire to a sandboxed worker.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader import contract, wire
from grader.assignment import Assignment
from grader.testing.check import Check
from grader.testing.draw import Draw
from grader.testing.proxy import Functions, Transport
from grader.testing.setting import SETTING, Setting
from grader.testing.snapshot import Snapshot
from grader.testing.stopwatch import Stopwatch


@pytest.fixture
def setting(request: pytest.FixtureRequest) -> Setting:
    """Who is tested (assignment, problem) and how to reach them."""
    return request.config.stash[SETTING].of(request.node)


@pytest.fixture
def transport(setting: Setting) -> Iterator[Transport]:
    """The way to the student's code, begun afresh for this test."""
    setting.transport.begin(setting.problem)
    yield setting.transport
    setting.transport.end()


@pytest.fixture
def adapters(setting: Setting, transport: Transport) -> Functions:
    """The functions of the student's `adapters.py`: plain data in, plain data out."""
    return Functions(transport, "adapters", contract.load(setting.assignment.folder / "adapters.py"))


@pytest.fixture
def drivers(setting: Setting, transport: Transport) -> Functions:
    """The functions of the staff's drivers, which run beside the student's code."""
    return Functions(transport, "drivers", contract.load_drivers(setting.assignment.folder))


@pytest.fixture
def draw(setting: Setting, request: pytest.FixtureRequest) -> Draw:
    """Inputs that depend on the run's seed and on this test's name."""
    return Draw(setting.seed, setting.assignment.name, setting.problem, request.node.name)


@pytest.fixture
def check() -> Check:
    """Comparisons, each with its own tolerance."""
    return Check()


@pytest.fixture
def stopwatch(transport: Transport) -> Stopwatch:
    """A clock on the trusted side."""
    return Stopwatch(transport.still, transport.denied)


@pytest.fixture
def snapshot(setting: Setting, check: Check) -> Snapshot:
    """Stored values of this problem."""
    return Snapshot(setting.assignment.folder / "tests" / "snapshots" / setting.problem, check, setting.recording)


@pytest.fixture
def fixture_path(setting: Setting) -> Callable[[str], wire.Fixture]:
    """Names a file under the assignment's `tests/fixtures`; the student's function receives its path."""

    def named(name: str) -> wire.Fixture:
        path = fixture_file(setting.assignment, name)
        if not path.is_file():
            raise FileNotFoundError(path)
        return wire.Fixture(name)

    return named


@pytest.fixture
def scratch_text() -> Callable[..., wire.Scratch]:
    """Text that the student's function receives as the path of a fresh file."""

    def written(text: str | bytes, as_path: bool = False) -> wire.Scratch:
        content = text if isinstance(text, bytes) else text.encode()
        return wire.Scratch(content, ".txt", as_path)

    return written


def fixture_file(assignment: Assignment, name: str) -> Path:
    """The staff's copy of a fixture."""
    return assignment.folder / "tests" / "fixtures" / name
