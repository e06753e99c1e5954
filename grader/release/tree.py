"""Makes the student's tree: named files go in, nothing else does.

An assignment that needs another one is given out with the reference of that one, unless students write it in the same
tree. Left out are `staff/`, the grader's own tests (they show attacks, and a course with its answers), benchmarks (they name
hidden tests), docs for staff, and version control, so that no answer lies in a history.
"""

import re
import shutil
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path, PurePosixPath

from grader import overlay
from grader.assignment import Assignment, requested
from grader.errors import ConfigError

COPIED = ("LICENSE", "conftest.py", ".gitignore", ".ci/system", ".ci/torch", "docs/figures")
WRITTEN = {
    "README.md": "student_readme.md",
    "Makefile": "student_makefile",
    ".github/workflows/classroom.yml": "classroom.yml",
}
"""What is written for students, from the file of the second name beside this module."""

PROJECT = "pyproject.toml"
GRADER_LEFT_OUT = frozenset(("tests",))


def release(root: Path, assignments: Sequence[Assignment], destination: Path) -> list[PurePosixPath]:
    """Make the tree for `assignments` in the new or empty folder `destination`, and return its files.

    Raises:
        ConfigError: `destination` has something in it, or lies within the course.
    """
    destination = destination.absolute()
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise ConfigError(f"{destination} is there already; expected a new or empty folder")
    if any(destination.is_relative_to(root / name) for name in ("grader", "staff", *(a.name for a in assignments))):
        raise ConfigError(f"{destination} lies within the course's own folders; expected a place beside them")
    layers: dict[PurePosixPath, overlay.Layer] = {
        PurePosixPath(assignment.name): overlay.files(assignment.folder) for assignment in assignments
    }
    layers |= {PurePosixPath(need.name): overlay.reference(need) for need in given(assignments)}
    package = overlay.files(root / "grader")
    layers[PurePosixPath("grader")] = {p: s for p, s in package.items() if p.parts[0] not in GRADER_LEFT_OUT}
    files = {folder / path: source for folder, layer in layers.items() for path, source in layer.items()}
    for name in COPIED:
        source = root / name
        if source.is_dir():
            files |= {PurePosixPath(name) / path: inner for path, inner in overlay.files(source).items()}
        elif source.is_file():
            files[PurePosixPath(name)] = source
    for path, source in files.items():
        target = destination / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    values = {
        "ASSIGNMENTS": " ".join(assignment.name for assignment in assignments),
        "EXTRAS": requested([*assignments, *given(assignments)]),
        "LIST": _list(assignments),
    }
    for name, template in WRITTEN.items():
        text = resources.files(__package__).joinpath(template).read_text(encoding="utf-8")
        _write(destination / name, _filled(text, values))
    project = (root / PROJECT).read_text(encoding="utf-8") if (root / PROJECT).is_file() else ""
    if project:
        tests = ", ".join(f'"{assignment.name}/tests"' for assignment in assignments)
        _write(destination / PROJECT, re.sub(r"(?m)^testpaths = .*$", f"testpaths = [{tests}]", project))
    return sorted(overlay.files(destination))


def given(assignments: Sequence[Assignment]) -> list[Assignment]:
    """What `assignments` build on and students don't write themselves here: its reference goes along, solved."""
    needed = {need.name: need for assignment in assignments for need in overlay.needed(assignment)}
    return [need for name, need in needed.items() if name not in {assignment.name for assignment in assignments}]


def _list(assignments: Sequence[Assignment]) -> str:
    return "\n".join(
        f"- [`{assignment.name}`]({assignment.name}/README.md): {assignment.title}" for assignment in assignments
    )


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
