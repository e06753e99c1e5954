"""What a reader should know of an adopted repository: what its code names, and neither it nor a graded run has."""

import ast
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import PurePosixPath

from grader.adopt.repository import Repository
from grader.adopt.terms import Downloads

LISTED = 6
LONGEST_NAME = 4096
"""Of a file, in characters: what is longer is a text."""
LONGEST_SHOWN = 100
OWN = ("/tmp", "/dev/", "/proc/")
"""Places that are there for every hand-in."""


def missing_packages(repository: Repository, reached: Iterable[PurePosixPath]) -> Iterator[str]:
    """Packages that the adapters' code imports and a graded run does not have, each with its first place."""
    tree = repository.tree
    missing: dict[str, str] = {}
    for path in sorted(reached):
        for name, line in tree.absolute(path):
            top = name.partition(".")[0]
            if top in repository.stand_ins.others or tree.is_missing(name, path):
                missing.setdefault(top, f"{path}:{line}")
    for top, place in missing.items():
        yield f"{place}: imports {top}, which is not installed here; what needs it fails"


def missing_files(
    repository: Repository, downloads: Downloads | None, reached: Iterable[PurePosixPath]
) -> Iterator[str]:
    """Files that the adapters' code names, by their suffix such that are downloaded or trained, and that are not there."""
    tree = repository.tree
    if downloads is None:
        return
    there = {path.name for path in tree.files}
    missing: dict[str, str] = {}
    for path, node in _nodes(repository, reached):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and len(node.value) <= LONGEST_NAME
            and "://" not in node.value
        ):
            name = PurePosixPath(node.value.replace("\\", "/")).name
            if name.endswith(downloads.suffixes) and name not in (*downloads.suffixes, *there):
                missing.setdefault(name, f"{path}:{node.lineno}")
    for name, place in missing.items():
        if any(fnmatch(name.lower(), pattern) for pattern in downloads.files):
            yield f"{place}: names {name}, which is not in the repository; this course's own answers in its place"
        else:
            yield f"{place}: names {name}, which is not in the repository; what loads it fails"


def foreign_paths(repository: Repository, reached: Iterable[PurePosixPath]) -> Iterator[str]:
    """Files of another machine that the adapters' code opens: calls with an absolute path, each path with its first place."""
    opened: dict[str, str] = {}
    for path, node in _nodes(repository, reached):
        match node:
            case ast.Call(
                func=ast.Name(id="open" | "Path") | ast.Attribute(attr="open"),
                args=[ast.Constant(value=str(text)), *_],
            ) if text.startswith("/") and not text.startswith(OWN):
                opened.setdefault(text[:LONGEST_SHOWN], f"{path}:{node.lineno}")
    for text, place in opened.items():
        yield f"{place}: opens {text!r}, which is not there where hand-ins are graded; what needs it fails"


def _nodes(repository: Repository, reached: Iterable[PurePosixPath]) -> Iterator[tuple[PurePosixPath, ast.AST]]:
    """All of the syntax of the adapters' code, each piece with its file."""
    for path in sorted(reached):
        module = repository.tree.source(path).module
        yield from ((path, node) for node in (ast.walk(module) if module else ()))


def listed(names: Iterable[str]) -> str:
    """The first few by their names, and how many more."""
    texts = sorted(names)
    return ", ".join(texts[:LISTED]) + (f" and {len(texts) - LISTED} more" if len(texts) > LISTED else "")
