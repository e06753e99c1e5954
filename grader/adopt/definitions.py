"""Which class or function of the repository a name in one of its files means: through imports, re-exports, star imports."""

import ast
from collections.abc import Iterator
from pathlib import PurePosixPath

from grader.adopt.tree import Tree

Definition = ast.ClassDef | ast.FunctionDef
MOST_STEPS = 12
"""Assignments followed one after the other."""
Seen = set[tuple[PurePosixPath, tuple[str, ...]]]
"""What was asked before on the way: files may import each other in a circle."""


def dotted(node: ast.expr) -> list[str]:
    """The parts of `a.b.C`; nothing for an expression that is no such name."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return [*base, node.attr] if base else []
    return []


def imports_in(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """The import statements anywhere in a file or function."""
    return (each for each in ast.walk(node) if isinstance(each, ast.Import | ast.ImportFrom))


def find(
    tree: Tree,
    path: PurePosixPath,
    parts: list[str],
    imports: list[ast.Import | ast.ImportFrom],
    seen: Seen,
    kind: type[Definition] = ast.ClassDef,
) -> tuple[PurePosixPath, str] | None:
    """The file and name of the class (or function) that `a.b.C` means in the file at `path`; `imports` are looked at first."""
    module = tree.source(path).module
    if module is None or (path, tuple(parts)) in seen:
        return None
    seen.add((path, tuple(parts)))
    if len(parts) == 1 and parts[0] in _defined(module, kind):
        return path, parts[0]
    for statement in [*imports, *imports_in(module)]:
        for alias in statement.names:
            if isinstance(statement, ast.ImportFrom):
                base = tree.base(statement, path)
                if base is None or (alias.asname or alias.name) not in (parts[0], "*"):
                    continue
                own = [alias.name, *parts[1:]] if alias.name != "*" else parts
            else:
                root = tree.root(alias.name, path)
                known = alias.asname or alias.name.partition(".")[0]
                if root is None or known != parts[0]:
                    continue
                base = root.joinpath(*alias.name.split(".")) if alias.asname else root / known
                own = parts[1:]
            found = _in_module(tree, base, own, seen, kind)
            if found is not None:
                return found
    return None


def function(tree: Tree, path: PurePosixPath, name: str) -> tuple[PurePosixPath, ast.FunctionDef] | None:
    """The function that the file at `path` knows by `name`, and its file; through `name = other`, too. None where unclear."""
    parts = [name]
    for _ in range(MOST_STEPS):
        found = find(tree, path, parts, [], set(), ast.FunctionDef)
        if found is not None:
            node = _defined(_module(tree, found[0]), ast.FunctionDef)[found[1]]
            return (found[0], node) if isinstance(node, ast.FunctionDef) else None
        values = [
            node.value
            for node in _module(tree, path).body
            if isinstance(node, ast.Assign) and [t.id for t in node.targets if isinstance(t, ast.Name)] == parts
        ]
        if len(values) != 1 or not (parts := dotted(values[0])):
            return None
    return None


def _module(tree: Tree, path: PurePosixPath) -> ast.Module:
    return tree.source(path).module or ast.Module([], [])


def _defined(module: ast.Module, kind: type[Definition]) -> dict[str, Definition]:
    """The classes (or functions) that can be imported from a file, by name: not those within functions and classes."""
    found: dict[str, Definition] = {}
    waiting: list[ast.AST] = [module]
    while waiting:
        for node in ast.iter_child_nodes(waiting.pop()):
            if isinstance(node, kind):
                found[node.name] = node
            elif isinstance(node, ast.stmt | ast.ExceptHandler) and not isinstance(
                node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
            ):
                waiting.append(node)
    return found


def _in_module(
    tree: Tree, base: PurePosixPath, parts: list[str], seen: Seen, kind: type[Definition]
) -> tuple[PurePosixPath, str] | None:
    """The class `parts` of the module at `base`, or of the deepest module below it that they name."""
    if not parts:
        return None
    file = tree.file(base)
    found = find(tree, file, parts, [], seen, kind) if file is not None else None
    return found or _in_module(tree, base / parts[0], parts[1:], seen, kind)
