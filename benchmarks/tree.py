"""Folders to measure in: the reference laid over the course, made anew for each run."""

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOT_COPIED = shutil.ignore_patterns("__pycache__", ".*_cache")


def home(course: Path, assignment: str, destination: Path) -> Path:
    """A student's checkout with the reference as the student's work: `pytest <assignment>` runs there."""
    _copy(course / assignment, destination / assignment)
    _copy(course / "staff" / "solutions" / assignment, destination / assignment)
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copyfile(ROOT / name, destination / name)
    return destination


def public_course(course: Path, assignment: str, destination: Path) -> Path:
    """The course with one assignment and without hidden tests, so that graded are the tests that home has."""
    solution = Path("staff", "solutions", assignment)
    _copy(course / assignment, destination / assignment)
    _copy(course / solution, destination / solution)
    return destination


def _copy(source: Path, destination: Path) -> None:
    shutil.copytree(source, destination, ignore=NOT_COPIED, dirs_exist_ok=True)
