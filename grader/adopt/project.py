"""What the `pyproject.toml` of a repository says that its code or its tests rely on. Nothing has to be there: it only helps."""

import platform
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from grader.adopt.imports import normal

FILE = "pyproject.toml"


def read(path: Path) -> Mapping[str, object]:
    """What `pyproject.toml` says; nothing where it cannot be read: it only helps."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _within(table: object, *keys: str) -> object:
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table


def pythonpath(project: Mapping[str, object]) -> list[PurePosixPath]:
    """The folders that the repository's own pytest settings put on the path."""
    given = _within(dict(project), "tool", "pytest", "ini_options", "pythonpath")
    texts = given.split() if isinstance(given, str) else given if isinstance(given, list) else []
    paths = [PurePosixPath(text) for text in texts if isinstance(text, str)]
    return [path for path in paths if not path.is_absolute() and ".." not in path.parts]


def versions(
    project: Mapping[str, object], others: Iterable[Mapping[str, object]], packages: Sequence[str]
) -> dict[str, str]:
    """What each package of the repository would say its version is, were it installed: as its project has it, or "0"."""
    found = dict.fromkeys((normal(name) for name in packages), "0")
    for each in (*others, project):
        version = _within(dict(each), "project", "version")
        told = version if isinstance(version, str) else "0"
        names = (_within(dict(each), "project", "name"), packages[0] if each is project else None)
        found |= {normal(name): told for name in names if isinstance(name, str)}
    return found


def other_python(project: Mapping[str, object]) -> str:
    """The versions of Python that the project asks for, where the one that grades it is none of them; else nothing."""
    asked = _within(dict(project), "project", "requires-python")
    try:
        return "" if not isinstance(asked, str) or platform.python_version() in SpecifierSet(asked) else asked
    except InvalidSpecifier:
        return ""
