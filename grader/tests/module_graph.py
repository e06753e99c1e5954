"""The import graph of the grader, read from its sources: what the tests of its arrows and the architecture's picture see."""

import ast
from pathlib import Path

import grader

PACKAGE = Path(grader.__file__).parent


def module_name(path: Path) -> str:
    """The dotted name of a file."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {
    module_name(path): path for path in sorted(PACKAGE.rglob("*.py")) if "tests" not in path.relative_to(PACKAGE).parts
}
"""Every module of the grader by its name, without the tests."""


def imports(path: Path) -> set[str]:
    """Every module that a file imports at its top level, by full name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import; expected an absolute one"
            base = node.module or ""
            found |= {name if (name := f"{base}.{alias.name}") in FILES else base for alias in node.names}
    return found


GRAPH = {name: {target for target in imports(path) if target in FILES} - {name} for name, path in FILES.items()}


def reached(start: str) -> set[str]:
    """Every module that `start` needs, itself included."""
    found, todo = set(), [start]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += GRAPH[name]
    return found


def parts() -> dict[str, set[str]]:
    """The graph of the grader's parts: a package is one, and so is a module of its own."""
    found: dict[str, set[str]] = {}
    for name, targets in GRAPH.items():
        part = _part(name)
        if part:
            found.setdefault(part, set()).update(_part(target) for target in targets)
    return {part: targets - {part, ""} for part, targets in found.items()}


def _part(name: str) -> str:
    return name.split(".")[1] if name.count(".") else ""
