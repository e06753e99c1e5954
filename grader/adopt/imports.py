"""Gives a repository's modules their names in the hand-in, where its own files import them.

`from cs336_basics.nn import Linear` becomes `from <assignment>.repository.cs336_basics.nn import Linear`, in place:
lines keep their numbers, and code that is not an import is left as it is. So each module has one name, in spawned
processes too, no path of the interpreter is changed, no library can be hidden, and the policy reads what is there.

Also rewritten: the argument of `import_module("cs336_basics.nn")`, and the repository's own version, which
`importlib.metadata.version` looks up where a package is installed. Not covered: module names that are computed.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from grader.adopt.tree import Tree
from grader.intake import IntakeError

Edit = tuple[int, int, str]
"""From, to (offsets in the text) and what takes the place."""

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
FROM = re.compile(r"from(?:\s|\\\r?\n)+(\w+(?:\s*\.\s*\w+)*)")
IMPORTING = frozenset(("importlib.import_module", "importlib.resources.files", "importlib.util.find_spec"))
VERSION = "importlib.metadata.version"


def rewritten(tree: Tree, path: PurePosixPath, versions: Mapping[str, str]) -> bytes | None:
    """The file at `path` with the names of the hand-in; None where it cannot be parsed, and stays as it is.

    `versions` are those of the repository's distributions by normal name.

    Raises:
        IntakeError: an import is written in a way that cannot be rewritten.
    """
    source = tree.source(path)
    if source.module is None:
        return None
    text = source.text
    edits = sorted(_edits(tree, path, source.module, _Offsets(text), versions), reverse=True)
    for start, end, replacement in edits:
        text = text[:start] + replacement + text[end:]
    return text.encode(source.encoding)


class _Offsets:
    """Places of `ast`, line and UTF-8 byte, as offsets in the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines: list[tuple[int, str]] = [(match.start(), match[0]) for match in LINE.finditer(text)]

    def at(self, line: int, column: int) -> int:
        start, content = self._lines[line - 1]
        return start + len(content.encode()[:column].decode())

    def span(self, node: ast.expr | ast.alias) -> tuple[int, int]:
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno or 0, node.end_col_offset or 0)


def _edits(
    tree: Tree, path: PurePosixPath, module: ast.Module, offsets: _Offsets, versions: Mapping[str, str]
) -> Iterator[Edit]:
    bound = dict(_bound(module))
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and not node.level and node.module:
            root = tree.root(node.module, path)
            if root is not None:
                match = FROM.match(offsets.text, offsets.at(node.lineno, node.col_offset))
                if match is None:
                    raise IntakeError(
                        f"{path}:{node.lineno}: this import cannot be rewritten; expected `from {node.module} import …`"
                    )
                yield match.start(1), match.end(1), tree.dotted(root, node.module)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                root = tree.root(alias.name, path)
                if root is not None:
                    yield (*offsets.span(alias), _import(tree, root, alias))
        elif isinstance(node, ast.Call) and len(node.args) == 1:
            replacement = _argument_or_call(tree, path, node, _spelled(node.func, bound), versions)
            if replacement is not None:
                expression, text = replacement
                yield (*offsets.span(expression), text)


def _import(tree: Tree, root: PurePosixPath, alias: ast.alias) -> str:
    new, top = tree.dotted(root, alias.name), alias.name.partition(".")[0]
    if alias.asname:
        return f"{new} as {alias.asname}"
    bind = f"{tree.dotted(root, top)} as {top}"
    return bind if top == alias.name else f"{new}, {bind}"  # the first loads the module, the second binds its package


def _argument_or_call(
    tree: Tree, path: PurePosixPath, call: ast.Call, called: str, versions: Mapping[str, str]
) -> tuple[ast.expr, str] | None:
    argument = call.args[0]
    text = argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None
    if called in IMPORTING and text:
        root = tree.root(text, path)
        return None if root is None else (argument, repr(tree.dotted(root, text)))
    if called == VERSION:
        if isinstance(argument, ast.Name) and argument.id in ("__name__", "__package__"):
            text = path.parent.name if path.name == "__init__.py" else ""
        version = versions.get(normal(text or ""))
        return None if version is None else (call, repr(version))
    return None


def normal(distribution: str) -> str:
    """The normal form of a distribution's name: `cs336_basics` and `CS336-Basics` are one."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _bound(module: ast.Module) -> Iterator[tuple[str, str]]:
    """The names that imports bind in a file, and the dotted names they stand for."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (top, top)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _spelled(node: ast.expr, bound: Mapping[str, str]) -> str:
    """The dotted name of what is called, as far as imports tell."""
    if isinstance(node, ast.Name):
        return bound.get(node.id, "")
    if isinstance(node, ast.Attribute):
        base = _spelled(node.value, bound)
        return f"{base}.{node.attr}" if base else ""
    return ""
