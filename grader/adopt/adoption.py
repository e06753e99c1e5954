"""Makes a hand-in of a repository: the steps of `grader adopt`, and what they came to."""

import ast
import os
import platform
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader import contract, overlay
from grader.adopt import classes, definitions, glue, ledger, notes, terms
from grader.adopt.imports import rewritten
from grader.adopt.ledger import Adoption
from grader.adopt.repository import REPOSITORY, Repository, bound_names, open_repository
from grader.adopt.terms import Terms, Translation
from grader.adopt.tree import Tree
from grader.assignment import Assignment
from grader.contract import Signature
from grader.errors import ConfigError
from grader.intake import IntakeError, open_handin

Functions = Mapping[str, tuple[PurePosixPath, ast.FunctionDef] | None]
"""Adapters, and the functions behind them with their files, where the source says so."""
TEST_FILES = ("test_*.py", "*_test.py", "conftest.py")


@dataclass(frozen=True)
class Adopted:
    """A hand-in that was made. `lacks` are the adapters it has not, by problem, and stubs count as what it has not."""

    folder: Path
    adoption: Adoption
    offered: tuple[str, ...]
    derived: dict[str, str]
    """Our adapters, and the class of the repository that answers each."""
    lacks: dict[str, tuple[str, ...]]
    notes: tuple[str, ...]


def adopt(assignment: Assignment, source: Path, out: Path) -> Adopted:
    """Make the hand-in `out`, a folder, of the repository `source`, and have the course remember it. Runs nothing of it.

    Raises:
        IntakeError: the repository is refused; one line names file, place and expectation.
        ConfigError: the assignment has no public counterpart, `out` is there already, or cannot be written.
    """
    try:
        return _adopt(assignment, Path(os.path.abspath(source)), out)
    except RecursionError:
        raise IntakeError(f"{source.name}: holds code that is nested too deeply; expected what people write") from None


def _adopt(assignment: Assignment, source: Path, out: Path) -> Adopted:
    public = terms.read(assignment)
    known = contract.load(assignment.folder / "adapters.py")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError(f"--out {out}: is there already; expected a new folder")
    with tempfile.TemporaryDirectory(prefix="adopt-") as folder:
        repository = open_repository(source, public, known, assignment.name, Path(folder) / "opened")
        tree, path = repository.tree, repository.adapters
        _check_package(repository, public)
        module = tree.source(path).module
        names = bound_names(tree, path)
        offered = tuple(name for name in known if name in names)
        if not offered:
            raise IntakeError(
                f"{source.name}: '{path}' defines no adapter of {assignment.name}; expected {', '.join(list(known)[:3])}, …"
            )
        found = {
            name: (made_by, cls)
            for name, made_by in public.classes.items()
            if name not in names and (cls := classes.find(tree, path, made_by)) is not None
        }
        aliases = {name: other for name, other in public.aliases.items() if name not in names and other in names}
        made = Path(folder) / "handin"
        written = frozenset(offered) - frozenset(_stubs(module))
        functions = {name: definitions.function(tree, path, name) for name in offered}
        older = _older(functions, public, written, names)
        said = [*_write(repository, public, made / REPOSITORY), *_signatures(path, functions, known, older)]
        dotted = tree.dotted(path.parent, path.stem)
        lacking = [name for name in known if name not in names and name not in found and name not in aliases]
        shared = _shared(tree, path, public)
        text = glue.adapters(
            repository.name, dotted, offered, lacking, found, aliases, shared, older, public.downloads, public.before
        )
        (made / "adapters.py").write_text(text, encoding="utf-8")
        open_handin(made, assignment.name, Path(folder) / "again")  # what cannot be graded is refused here, not later
        try:
            shutil.copytree(made, out, dirs_exist_ok=True)
        except OSError as error:
            raise ConfigError(f"--out {out}: cannot be written ({error})") from None
    have = written | found.keys() | {name for name, other in aliases.items() if other in written}
    adoption = Adoption(
        assignment=assignment.name,
        submission_sha256=overlay.submission_sha256(out, assignment.staff_owned),
        source=repository.name,
        beyond=tuple(sorted(public.beyond | older.keys())),  # an older form cannot answer all that ours is asked
        lacking=tuple(sorted(public.beyond - have)),
    )
    ledger.remember(assignment.root, adoption)
    lacks = {p.id: tuple(a for a in p.adapters if a not in have) for p in assignment.problems.values()}
    return Adopted(
        folder=out,
        adoption=adoption,
        offered=offered,
        derived={name: cls.name for name, (_, cls) in found.items()},
        lacks={problem: names for problem, names in lacks.items() if names},
        notes=tuple(said),
    )


def _shared(tree: Tree, path: PurePosixPath, public: Terms) -> dict[str, dict[str, str]]:
    """The repository's modules in which classes of this course are to stand: where they are asked for, and defined."""
    found: dict[str, dict[str, str]] = {}
    for module, replaced in public.shared.items():
        root = tree.root(module, path)
        file = tree.file(root.joinpath(*module.split("."))) if root is not None else None
        if root is None or file is None:
            continue
        for name, ours in replaced.items():
            home = definitions.find(tree, file, [name], [], set())
            # Where it is defined comes first: what imports it from there on its way has ours, too.
            for place, known in (home or (file, name), (file, name)):
                found.setdefault(_name_of(tree, place), {})[known] = ours
    return found


def _name_of(tree: Tree, file: PurePosixPath) -> str:
    """What the module in `file` is called in the hand-in."""
    module = file.parent if file.stem == "__init__" else file.with_suffix("")
    return tree.dotted(module.parent, module.name)


def _write(repository: Repository, public: Terms, destination: Path) -> Iterator[str]:
    """Lay the repository's files below `destination`, imports rewritten; what a reader should know of them."""
    tree = repository.tree
    taken: dict[PurePosixPath, PurePosixPath] = {}
    reached = tree.reached(repository.adapters)
    unused: list[PurePosixPath] = []
    for path in tree.files:
        content: bytes | None = None
        if path in tree.python:
            if path not in reached and (_is_test(path, public) or tree.source(path).module is None):
                unused.append(path)
                continue
            content = rewritten(tree, path, repository.versions)
            if content is None:
                yield f"{path}: {tree.source(path).trouble}; what imports it fails"
        target = tree.placed(path)
        if taken.setdefault(target, path) != path:
            raise IntakeError(
                f"{repository.name}: '{path}' and '{taken[target]}' would be one file; expected names that differ"
            )
        place = destination / target
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes((tree.folder / path).read_bytes() if content is None else content)
    if repository.stand_ins.tools:
        yield f"not installed here, and replaced by what does nothing: {notes.listed(repository.stand_ins.tools)}"
    if repository.stand_ins.given:
        yield f"replaced by this course's own, which has a part of it: {notes.listed(repository.stand_ins.given)}"
    if repository.left_out:
        yield f"left out, being links or large data: {notes.listed(repository.left_out)}"
    if unused:
        yield f"left out, as no adapter imports them: {notes.listed(map(str, unused))}"
    if repository.other_python:
        here = platform.python_version()
        yield f"pyproject.toml asks for Python {repository.other_python}; it is graded on {here}, and what needs another fails"
    yield from notes.missing_packages(repository, reached)
    yield from notes.missing_files(repository, public.downloads, reached)
    yield from notes.foreign_paths(repository, reached)


def _is_test(path: PurePosixPath, public: Terms) -> bool:
    return path.parent == public.adapters.parent or any(path.match(pattern) for pattern in TEST_FILES)


def _older(functions: Functions, public: Terms, written: Iterable[str], names: Collection[str]) -> dict[str, str]:
    """The adapters that have the form of an older edition, each with the function that translates it."""

    def is_older(name: str, translation: Translation) -> bool:
        _, node = functions[name] or (None, None)
        if node is not None and (translation.when in _parameters(node) or not _takes_anything(node)):
            return translation.when in _parameters(node)
        return translation.without not in names

    return {
        name: translation.by
        for name, translation in public.translations.items()
        if name in written and is_older(name, translation)
    }


def _signatures(
    adapters: PurePosixPath, functions: Functions, known: Mapping[str, Signature], older: Iterable[str]
) -> Iterator[str]:
    """Adapters whose parameters are called otherwise: tests name them."""
    for name, found in functions.items():
        file, node = found or (adapters, None)
        place = f"{file}:{node.lineno}" if node is not None else str(file)
        if name in older:
            yield f"{place}: {name} has the form of an older edition, and is translated"
        elif node is not None and node.args.kwarg is None:
            theirs, ours = _parameters(node), known[name].parameters
            if not set(ours) <= set(theirs):
                yield f"{place}: {name} takes ({', '.join(theirs)}); expected ({', '.join(ours)})"


def _parameters(node: ast.FunctionDef) -> list[str]:
    return [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]


def _takes_anything(node: ast.FunctionDef) -> bool:
    return node.args.vararg is not None or node.args.kwarg is not None


def _check_package(repository: Repository, public: Terms) -> None:
    """Raise where the adapters import a package of the public course's name, and there is none."""
    tree, path = repository.tree, repository.adapters
    for name, line in tree.absolute(path):
        if name.partition(".")[0] == public.package and tree.root(name, path) is None:
            raise IntakeError(
                f"{repository.name}: '{path}' imports {public.package} (line {line}), which is not there; "
                f"expected a folder {public.package}/ with Python files"
            )


def _stubs(module: ast.Module | None) -> Iterator[str]:
    """The functions of which nothing is written yet."""
    for node in module.body if module else ():
        if isinstance(node, ast.FunctionDef):
            body = [s for s in node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
            if len(body) == 1 and isinstance(body[0], ast.Raise) and "NotImplementedError" in ast.dump(body[0]):
                yield node.name
