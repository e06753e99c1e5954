"""Opens a repository of the public course's shape and finds in it: the adapters, the package, where imports look.

Nothing of it is run. Links, hidden files and long files that are no source (data, weights) are left out; everything
else that intake refuses in a hand-in, it refuses here.
"""

import ast
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.adopt import project
from grader.adopt.stand_ins import StandIns, stood_in
from grader.adopt.terms import Terms
from grader.adopt.tree import Tree, installed
from grader.intake import IntakeError, Kind, Member, open_any

LARGEST_DATA = 8 * 1024 * 1024
"""The public course's own fixtures are smaller; what is larger is a corpus or a trained model."""
TOP, SOURCES = PurePosixPath(), PurePosixPath("src")
"""Where packages are, usually."""
REPOSITORY = "repository"
"""The folder of a hand-in that holds the repository."""
LISTED = 4


@dataclass(frozen=True)
class Repository:
    """An opened repository. Paths are relative to `tree.folder`, which is the folder that holds `tests/` where there is one."""

    name: str
    tree: Tree
    adapters: PurePosixPath
    versions: Mapping[str, str]
    left_out: tuple[str, ...]
    stand_ins: StandIns
    other_python: str
    """Which versions of Python its project asks for, where this one is none of them."""


def open_repository(source: Path, terms: Terms, known: Iterable[str], prefix: str, destination: Path) -> Repository:
    """Open the folder or archive `source` below `destination`, an empty folder.

    `known` are the names of the assignment's adapters, `prefix` is the dotted name of the hand-in's package.

    Raises:
        IntakeError: it is not of the shape; one line says what was found and what was expected.
    """
    passed_over: list[str] = []

    def keep(member: Member) -> bool:
        parts = PurePosixPath(member.name).parts
        if any(part.startswith(".") and part not in (".", "..") for part in parts):
            return False
        data = not member.name.endswith(".py") and member.size > LARGEST_DATA
        if member.kind not in (Kind.FILE, Kind.FOLDER) or data:
            passed_over.append(member.name)
            return False
        return True

    unpacked = open_any(source, destination, keep=keep)
    adapters = _adapters(source.name, destination, unpacked.files, terms, frozenset(known), prefix)
    base = _base(adapters, unpacked.files, terms, Tree(destination, unpacked.files, (), prefix))
    path = adapters.relative_to(base)
    files = tuple(sorted(file.relative_to(base) for file in unpacked.files if file.is_relative_to(base)))
    package = _package(source.name, files, terms, base)
    settings = project.read(destination / base / project.FILE)
    homes = [home for other in _packages(terms) for home in _homes(files, other)]
    roots = [*package, TOP, SOURCES, *project.pythonpath(settings), *homes, path.parent]
    tree = Tree(destination / base, files, tuple(dict.fromkeys(roots)), f"{prefix}.{REPOSITORY}")
    module = tree.source(path).module
    if module is None:
        raise IntakeError(f"{source.name}: '{adapters}' cannot be used: {tree.source(path).trouble}")
    tree, stand_ins = stood_in(tree, path, (terms.package, *_packages(terms)), terms.stand_ins)
    others = [project.read(destination / base / path) for path in files if path.name == project.FILE]
    packages = (terms.package, *_packages(terms))
    versions = project.versions(settings, others, packages)
    return Repository(
        source.name, tree, path, versions, tuple(sorted(passed_over)), stand_ins, project.other_python(settings)
    )


def _adapters(
    name: str, folder: Path, files: Iterable[PurePosixPath], terms: Terms, known: frozenset[str], prefix: str
) -> PurePosixPath:
    """The one file of the adapters' name that is where the public course has it, or else elsewhere.

    Of several it is the one that defines an adapter of this assignment.
    """
    wanted = terms.adapters
    found = [path for path in files if path.parts[-len(wanted.parts) :] == wanted.parts]
    others = [path for path in files if path.name == wanted.name]
    if not others:
        raise IntakeError(f"{name}: holds no {wanted}; expected a repository in the public course's shape")
    if len(found) != 1:
        tree = Tree(folder, tuple(files), (), prefix)
        own = [path for path in found or others if known & bound_names(tree, path)]
        if not found and not own:
            raise IntakeError(
                f"{name}: holds no {wanted} (there is {others[0]}); expected a repository in the public course's shape"
            )
        found = own or found
    if len(found) > 1:
        raise IntakeError(
            f"{name}: holds {len(found)} files {wanted.name}: {_listed(found)}; expected one; give the folder around it"
        )
    return found[0]


def _base(adapters: PurePosixPath, files: Iterable[PurePosixPath], terms: Terms, tree: Tree) -> PurePosixPath:
    """The folder that is the repository: where `tests/` is, or the nearest above that has what the adapters import."""
    above = PurePosixPath(*adapters.parts[: -len(terms.adapters.parts)])
    if adapters.parts[-len(terms.adapters.parts) :] == terms.adapters.parts:
        return above
    known = installed() | sys.stdlib_module_names
    wanted = {name.partition(".")[0] for name, _ in tree.absolute(adapters)} - known | {terms.package}
    homes = {home for package in wanted for home in _homes(files, package)}
    for folder in adapters.parents:
        if homes & {folder, folder / SOURCES}:
            return folder.parent if folder.name == SOURCES.name else folder
    return above


def bound_names(tree: Tree, path: PurePosixPath, seen: frozenset[PurePosixPath] = frozenset()) -> set[str]:
    """The names that a file binds at its top level; those of `from m import *` where the repository has m."""
    module = tree.source(path).module
    names: set[str] = set()
    waiting: list[ast.stmt] = list(module.body) if module else []
    while waiting:
        node = waiting.pop()
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                names.add(node.name)
            case ast.ImportFrom(names=[ast.alias(name="*")]):
                base = tree.base(node, path)
                file = tree.file(base) if base is not None else None
                if file is not None and file not in seen:
                    names |= {name for name in bound_names(tree, file, seen | {path}) if not name.startswith("_")}
            case ast.Import() | ast.ImportFrom():
                names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
            case ast.Assign():
                names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
            case ast.If() | ast.Try() | ast.With():
                waiting += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
                waiting += [s for handler in getattr(node, "handlers", ()) for s in handler.body]
    return names


def _package(name: str, files: Iterable[PurePosixPath], terms: Terms, base: PurePosixPath) -> list[PurePosixPath]:
    """The folder that holds the package, if one does: the top or `src/` before any other place."""
    homes = _homes(files, terms.package)
    usual = homes & {TOP, SOURCES}
    chosen = sorted(usual or homes)
    if len(chosen) > 1:
        places = _listed(base / home / terms.package for home in chosen)
        raise IntakeError(f"{name}: holds {len(chosen)} packages {terms.package}: {places}; expected one")
    return chosen


def _homes(files: Iterable[PurePosixPath], package: str) -> set[PurePosixPath]:
    """The folders that hold a package of this name."""
    return {
        PurePosixPath(*path.parts[: path.parts.index(package)])
        for path in files
        if path.suffix == ".py" and package in path.parts[:-1]
    }


def _packages(terms: Terms) -> list[str]:
    """The other packages that a repository brings along, wherever: `cs336-basics/cs336_basics/`."""
    return sorted({module.partition(".")[0] for module in terms.shared})


def _listed(paths: Iterable[PurePosixPath]) -> str:
    texts = sorted(map(str, paths))
    return ", ".join(texts[:LISTED]) + (f" and {len(texts) - LISTED} more" if len(texts) > LISTED else "")
