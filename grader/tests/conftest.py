"""What the grader's own tests share: a tiny course to grade, and hand-ins for it."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader import assignment as assignments
from grader import grading, sandbox
from grader.assignment import Assignment
from grader.outcome import HandinOutcome
from grader.task import Task
from grader.tests import steady  # noqa: F401 — sets the profile of property tests, and more

collect_ignore = ["tiny_course"]

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    """What judging in this process changes for good is put back: the tests that follow may import what a judge may not."""
    finders, path, environment = list(sys.meta_path), list(sys.path), dict(os.environ)
    yield
    sys.meta_path[:], sys.path[:] = finders, path
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The course this grader belongs to."""
    return REPOSITORY


@pytest.fixture
def tiny_root(tmp_path: Path) -> Iterator[Path]:
    """A course of one tiny assignment, to be changed at will; what was imported from it is forgotten."""
    yield Path(shutil.copytree(HERE / "tiny_course", tmp_path / "course"))
    for name in list(sys.modules):
        if name.split(".")[0] in ("staff", "assignment0_tiny"):
            del sys.modules[name]


@pytest.fixture
def tiny(tiny_root: Path) -> Assignment:
    """The tiny assignment: problems `double` (2 points) and `count` (3 points)."""
    return assignments.load(tiny_root, "assignment0_tiny")


@pytest.fixture
def driver_package(tiny: Assignment) -> Path:
    """The tiny assignment's drivers, made a package."""
    package = tiny.folder / "drivers"
    package.mkdir()
    (tiny.folder / "drivers.py").rename(package / "counting.py")
    (package / "__init__.py").write_text(f"from {tiny.name}.drivers.counting import count_to\n")
    return package


@pytest.fixture(params=[name for name, engine in sandbox.ENGINES.items() if engine.missing() is None])
def engine(request: pytest.FixtureRequest) -> str:
    """Every engine that works on this machine, in turn."""
    return str(request.param)


Handin = Callable[..., Path]
GradeTiny = Callable[..., HandinOutcome]


@pytest.fixture
def handin(tiny: Assignment, tmp_path: Path) -> Handin:
    """Makes a hand-in: the reference of the tiny assignment with text appended to, or in place of, its files."""
    count = iter(range(1000))

    def made(*, append: str = "", **files: str) -> Path:
        folder = tmp_path / f"handin{next(count)}"
        shutil.copytree(tiny.solution, folder)
        shutil.copyfile(tiny.folder / "adapters.py", folder / "adapters.py")
        with (folder / "maths.py").open("a") as file:
            file.write(append)
        for name, text in files.items():
            (folder / f"{name}.py").write_text(text)
        return folder

    return made


@pytest.fixture
def grade_tiny(tiny: Assignment, engine: str) -> GradeTiny:
    """Grades a hand-in of the tiny assignment in this process, on each engine in turn."""

    def graded(handin: Path, seed: int = 336) -> HandinOutcome:
        return grading.grade(Task(tiny.root, tiny.name, handin, handin.name, seed, engine))

    return graded
