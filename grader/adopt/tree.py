"""The Python modules of a repository: which file a dotted name means, as pytest and an installed package find it."""

import ast
import functools
import keyword
import re
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import packages_distributions
from io import BytesIO
from pathlib import Path, PurePosixPath

MOST_BYTES = 1_000_000
"""Of one file of source: what is longer was not written by hand, and is not read."""


NEEDS = {"torch.utils.tensorboard": "tensorboard"}
"""Modules of installed packages that cannot be imported without another package, and can do nothing but use it."""


@dataclass(frozen=True)
class Source:
    """A Python file, read. `module` is None where it cannot be parsed, and `trouble` says why."""

    text: str
    encoding: str
    module: ast.Module | None
    trouble: str = ""


@dataclass
class Tree:
    """A repository's files below `folder`. `roots` are the places absolute imports are looked up in, best first."""

    folder: Path
    files: tuple[PurePosixPath, ...]
    roots: tuple[PurePosixPath, ...]
    prefix: str
    """The dotted name that `folder` has in the hand-in."""
    _sources: dict[PurePosixPath, Source] = field(default_factory=dict)

    @cached_property
    def python(self) -> frozenset[PurePosixPath]:
        """All Python files."""
        return frozenset(path for path in self.files if path.suffix == ".py")

    @cached_property
    def _packages(self) -> frozenset[PurePosixPath]:
        return frozenset(parent for path in self.python for parent in path.parents)

    def source(self, path: PurePosixPath) -> Source:
        """The file at `path`, read once."""
        if path not in self._sources:
            self._sources[path] = _read(self.folder / path)
        return self._sources[path]

    def root(self, dotted: str, importer: PurePosixPath) -> PurePosixPath | None:
        """The folder in which `import dotted` finds its first part; None where it means something else.

        The standard library comes first, as it is loaded before; then the repository, as pytest puts it ahead of
        installed packages; and where nothing else is there, a file beside the importer (scripts are started so).
        """
        top = meant(dotted).partition(".")[0]
        if top in sys.stdlib_module_names:
            return None
        for root in self.roots:
            module = root / top
            # A mere folder stands back behind an installed package: `wandb/` is where that package keeps its logs.
            mere_folder = self.file(module) is None and module not in self.roots
            if self.has(module) and not (mere_folder and top in installed()):
                return root
        beside = self.has(importer.parent / top) and top not in installed()
        return importer.parent if beside else None

    def is_missing(self, dotted: str, importer: PurePosixPath) -> bool:
        """Whether `import dotted` finds nothing: not in the repository, nor beside it."""
        top = meant(dotted).partition(".")[0]
        return top not in installed() | sys.stdlib_module_names and self.root(dotted, importer) is None

    def dotted(self, root: PurePosixPath, name: str) -> str:
        """What the module `name`, found in `root`, is called in the hand-in."""
        return ".".join((self.prefix, *map(importable, root.parts), meant(name)))

    def placed(self, path: PurePosixPath) -> PurePosixPath:
        """Where the file at `path` lies in the hand-in: folders of modules get names that can be imported."""
        folders = [PurePosixPath(*path.parts[:depth]) for depth in range(1, len(path.parts))]
        names = [importable(folder.name) if folder in self._packages else folder.name for folder in folders]
        return PurePosixPath(*names, path.name)

    def file(self, module: PurePosixPath) -> PurePosixPath | None:
        """The file of a module given by its path without a suffix; None for a folder without `__init__.py`."""
        for path in (module / "__init__.py", module.with_name(f"{module.name}.py") if module.parts else module):
            if path in self.python:
                return path
        return None

    def absolute(self, path: PurePosixPath) -> Iterator[tuple[str, int]]:
        """The modules that a file imports by an absolute name, and the line of each."""
        module = self.source(path).module
        for node in ast.walk(module) if module else ():
            if isinstance(node, ast.Import):
                yield from ((alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module, node.lineno

    def imported(self, node: ast.Import | ast.ImportFrom, importer: PurePosixPath) -> Iterator[PurePosixPath]:
        """The modules, as paths without a suffix, that an import statement loads from the repository."""
        names = [alias.name for alias in node.names]
        if isinstance(node, ast.Import):
            for name in names:
                root = self.root(name, importer)
                if root is not None:
                    yield root.joinpath(*meant(name).split("."))
            return
        base = self.base(node, importer)
        if base is not None:
            yield base
            yield from (base / name for name in names if self.has(base / name))

    def base(self, node: ast.ImportFrom, importer: PurePosixPath) -> PurePosixPath | None:
        """The module `x` of `from x import …`."""
        parts = meant(node.module).split(".") if node.module else []
        if not node.level:
            root = self.root(node.module or "", importer)
            return None if root is None else root.joinpath(*parts)
        if node.level > len(importer.parts):
            return None
        return importer.parents[node.level - 1].joinpath(*parts)

    def reached(self, start: PurePosixPath) -> frozenset[PurePosixPath]:
        """The files that importing `start` may load, functions' own imports included."""
        found: set[PurePosixPath] = set()
        waiting = [start, *(f for folder in start.parents if (f := self.file(folder)) is not None)]
        while waiting:
            path = waiting.pop()
            if path in found:
                continue
            found.add(path)
            module = self.source(path).module
            for node in ast.walk(module) if module else ():
                if isinstance(node, ast.Import | ast.ImportFrom):
                    for target in self.imported(node, path):
                        waiting += [f for step in (target, *target.parents) if (f := self.file(step)) is not None]
        return frozenset(found)

    def has(self, path: PurePosixPath) -> bool:
        """Whether there is a module, given by its path without a suffix, or a folder that holds one."""
        return path in self._packages or path.with_name(f"{path.name}.py") in self.python


def importable(part: str) -> str:
    """A folder's name as a part of a dotted name: `my-lib` becomes `my_lib`."""
    name = re.sub(r"\W", "_", part)
    return f"_{name}" if name[:1].isdigit() or keyword.iskeyword(name) else name


def meant(dotted: str) -> str:
    """The module itself, or the missing package that it needs: where that one is, or has a stand-in, there it is."""
    for module, package in NEEDS.items():
        if f"{dotted}.".startswith(f"{module}.") and package not in installed():
            return package + dotted.removeprefix(module)
    return dotted


@functools.cache
def installed() -> frozenset[str]:
    """The top-level names that can be imported in a graded run beside the standard library's and the hand-in's."""
    return frozenset(packages_distributions())


def _read(path: Path) -> Source:
    content = path.read_bytes()
    if len(content) > MOST_BYTES:
        return Source("", "utf-8", None, f"it has {len(content):,} bytes; expected at most {MOST_BYTES:,}")
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(content).readline)
        text = content.decode(encoding)
        return Source(text, encoding, ast.parse(text))
    except SyntaxError as error:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        where = f"line {error.lineno}: " if error.lineno else ""
        return Source("", "utf-8", None, f"it is not valid Python {version} ({where}{error.msg})")
    except (ValueError, RecursionError, MemoryError) as error:
        return Source("", "utf-8", None, f"it cannot be read as Python ({type(error).__name__})")
