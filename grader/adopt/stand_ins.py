"""Stand-ins for packages that a repository imports and that are not installed where hand-ins are graded.

`import wandb` at the top of a file would cost all that the file holds. A stand-in can be imported; tools that report runs,
launch or measure them or check types, which have no part in what a function computes, do nothing, and any other package raises where
it is used,
but for what an assignment's `[adoption.stand_ins]` has of it: the functions that the public handout points to.
Where the repository is prepared for a package that is missing (`except ImportError`), there is none.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from grader.adopt.tree import Tree, meant

TOOLS = (
    "beartype", "clearml", "comet_ml", "icecream", "line_profiler", "loguru", "memory_profiler", "mlflow", "modal", "neptune",
    "nvtx", "structlog", "submitit", "swanlab", "tensorboard", "tensorboardX", "trackio", "typeguard", "viztracer", "wandb", "weave",
)  # fmt: skip
STAND_IN = '''\
"""Stands in for {name}, which is not installed where hand-ins are graded: {meaning}."""
{first}

class _{name}:
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return globals().get(name, self)

    def __call__(self, *args, **kwargs):
{call}

    def __mro_entries__(self, bases):
        return ()

    def __or__(self, other):
        return self

    __ror__ = __getitem__ = __or__
{more}

_anything = _{name}()


def __getattr__(name):
    return getattr(_anything, name)
'''
ABSENT = """\
        from {package} import adapters

        if not hasattr(adapters, "_IMPORTED"):
            return self  # what a module makes of it while it is imported raises where it is used
        raise ModuleNotFoundError("{name} is not installed where hand-ins are graded")"""
NOTHING = """\
        decorates = len(args) == 1 and not kwargs and callable(args[0])
        return args[0] if decorates else self"""
MORE = """
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def __setitem__(self, key, value):
        pass

    def __iter__(self):
        return iter(())
"""


@dataclass(frozen=True)
class StandIns:
    """What has one: tools, packages of which a part is given, and other packages."""

    tools: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def stood_in(
    tree: Tree, adapters: PurePosixPath, own: Iterable[str], given: Mapping[str, str]
) -> tuple[Tree, StandIns]:
    """The repository with stand-ins for what the adapters' code imports and neither this machine nor the repository has.

    None for `own`, the packages that a repository itself is to bring. `given` are modules that answer for packages, here
    installed or not: a hand-in is graded alike wherever it is.
    """
    wanted: dict[str, set[PurePosixPath]] = {}
    prepared: set[str] = set()
    for path in tree.reached(adapters):
        prepared.update(meant(dotted).partition(".")[0] for dotted in _guarded(tree.source(path).module))
        for dotted, _ in tree.absolute(path):
            top, *below = meant(dotted).split(".")
            if tree.is_missing(dotted, path) or (top in given and tree.root(dotted, path) is None):
                wanted.setdefault(top, set()).update(
                    PurePosixPath(top, *below[:depth]) for depth in range(len(below) + 1)
                )
    names = sorted(
        name
        for name in wanted.keys() - prepared - {*own}
        if name.isidentifier() and not any((tree.folder / folder).is_file() for folder in wanted[name])
    )
    files = {folder / "__init__.py": name for name in names for folder in wanted[name]}
    for path, name in files.items():
        place = tree.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(_text(name, given.get(name), tree.prefix.partition(".")[0]), encoding="utf-8")
    stands = StandIns(
        tools=tuple(n for n in names if n in TOOLS),
        given=tuple(n for n in names if n in given),
        others=tuple(n for n in names if n not in TOOLS and n not in given),
    )
    return Tree(tree.folder, tuple(sorted({*tree.files, *files})), tree.roots, tree.prefix), stands


def _text(name: str, given: str | None, package: str) -> str:
    if name in TOOLS:
        meaning = "whatever is done with it comes to nothing"
        return STAND_IN.format(name=name, meaning=meaning, first="", call=NOTHING, more=MORE)
    meaning = f"{given} answers for a part of it, and what uses another fails" if given else "what uses it fails"
    first = f"\nfrom {given} import *\n" if given else ""
    call = ABSENT.format(name=name, package=package)
    return STAND_IN.format(name=name, meaning=meaning, first=first, call=call, more="")


def _guarded(node: ast.AST | None, within: bool = False) -> Iterator[str]:
    """The modules that are imported by an absolute name within a `try`."""
    for child in ast.iter_child_nodes(node) if node is not None else ():
        if isinstance(child, ast.Import) and within:
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module and not child.level and within:
            yield child.module
        else:
            yield from _guarded(child, within or isinstance(child, ast.Try))
