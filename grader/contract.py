"""What a function promises to return, read from its annotation without importing it.

The staff copies of `adapters.py` and the drivers (`drivers.py`, or a package `drivers/`) are parsed with `ast`; a result that came over the wire is held
against the return annotation before a test sees it. So a test can rely on types, and a student reads
`run_rope returned None; expected a float tensor`.
"""

import ast
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import ConfigError

if TYPE_CHECKING:  # promises are read without torch, by processes that receive no results
    import torch

Matches = Callable[[Any], bool]


@dataclass(frozen=True)
class Kind:
    """A set of plain values: how a person calls it, and how to tell."""

    name: str
    matches: Matches


@dataclass(frozen=True)
class Signature:
    """One adapter or driver: its parameters in order, and the kind of its result."""

    name: str
    parameters: tuple[str, ...]
    optional: int
    result: Kind

    def complaint(self, result: Any) -> str | None:
        """Why `result` is not what was promised, or None."""
        if self.result.matches(result):
            return None
        return f"{self.name} returned {describe(result)}; expected {self.result.name}"


@functools.cache
def load(path: Path) -> dict[str, Signature]:
    """The signatures of all public top-level functions of a Python file.

    Raises:
        ConfigError: the file cannot be parsed, or an annotation has a form that is not understood.
    """
    found = {}
    for node in _parse(path).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            names = tuple(a.arg for a in (*node.args.posonlyargs, *node.args.args))
            try:
                kind = _kind(node.returns)
            except ConfigError as error:
                raise ConfigError(f"{path}:{node.lineno}: {node.name}: {error}") from None
            found[node.name] = Signature(node.name, names, len(node.args.defaults), kind)
    return found


def driver_files(folder: Path) -> list[Path]:
    """The files that make up the drivers of an assignment: `drivers.py`, or those of the package `drivers/`.

    Where both are there, Python imports the package, and so it counts.
    """
    package = folder / "drivers"
    return sorted(package.glob("*.py")) if (package / "__init__.py").is_file() else [folder / "drivers.py"]


@functools.cache
def load_drivers(folder: Path) -> dict[str, Signature]:
    """The signatures of an assignment's drivers; of a package, those that its `__init__.py` imports from its modules.

    Raises:
        ConfigError: a file cannot be read, or `__init__.py` imports a name that the module does not define.
    """
    package = folder / "drivers" / "__init__.py"
    if not package.is_file():
        return load(folder / "drivers.py")
    found = {}
    prefix = f"{folder.name}.drivers."
    for node in _parse(package).body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(prefix):
            module = package.with_name(f"{node.module.removeprefix(prefix)}.py")
            known = load(module)
            for alias in node.names:
                if alias.name not in known:
                    raise ConfigError(f"{package}:{node.lineno}: {module.name} defines no function {alias.name}")
                found[alias.name] = known[alias.name]
    return found


def describe(value: Any) -> str:
    """A value's type for a message: dtype and shape of a tensor, never its contents."""
    import numpy as np
    import torch

    if isinstance(value, torch.Tensor):
        return f"{str(value.dtype).removeprefix('torch.')} tensor {tuple(value.shape)}"
    if isinstance(value, np.ndarray):
        return f"numpy.{value.dtype.name}" if value.ndim == 0 else f"numpy {value.dtype.name} array {value.shape}"
    if value is None:
        return "None"
    if isinstance(value, list | tuple) and value:
        kinds = sorted({describe(item) for item in value[:100]})
        inside = " and ".join(kinds[:2]) + (" and others" if len(kinds) > 2 else "")
        return f"a {type(value).__name__} of {inside}"
    return type(value).__name__


def _parse(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read as Python: {error}") from None


def _any(_: Any) -> bool:
    return True


def _tensor(name: str, test: "Callable[[torch.dtype], bool]") -> Kind:
    def matches(value: Any) -> bool:
        import torch

        return isinstance(value, torch.Tensor) and test(value.dtype)

    return Kind(name, matches)


def _is(name: str) -> "Callable[[torch.dtype], bool]":
    return lambda dtype: str(dtype) == f"torch.{name}"


def _is_int(dtype: "torch.dtype") -> bool:
    return not dtype.is_floating_point and not dtype.is_complex and not _is("bool")(dtype)


def _is_array(value: Any) -> bool:
    import numpy as np

    return isinstance(value, np.ndarray)


_TENSORS = {
    "Float": _tensor("a float tensor", lambda dtype: dtype.is_floating_point),
    "Int": _tensor("an integer tensor", _is_int),
    "Bool": _tensor("a bool tensor", _is("bool")),
    "Shaped": _tensor("a tensor", lambda dtype: True),
}
_PLAIN: Mapping[str, Kind] = {
    "Any": Kind("anything", _any),
    "Tensor": _TENSORS["Shaped"],
    "LongTensor": _tensor("an int64 tensor", _is("int64")),
    "NDArray": Kind("a numpy array", _is_array),
    "ndarray": Kind("a numpy array", _is_array),
    "None": Kind("None", lambda value: value is None),
    "int": Kind("int", lambda value: type(value) is int),
    "float": Kind("float", lambda value: type(value) in (float, int)),
    "bool": Kind("bool", lambda value: type(value) is bool),
    "str": Kind("str", lambda value: type(value) is str),
    "bytes": Kind("bytes", lambda value: type(value) is bytes),
    "list": Kind("list", lambda value: type(value) is list),
    "tuple": Kind("tuple", lambda value: type(value) is tuple),
    "dict": Kind("dict", lambda value: isinstance(value, dict)),
}


def _kind(node: ast.expr | None) -> Kind:
    if node is None:
        raise ConfigError("has no return annotation")
    if isinstance(node, ast.Constant) and node.value is None:
        return _PLAIN["None"]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _kind(ast.parse(node.value, mode="eval").body)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        left, right = _kind(node.left), _kind(node.right)
        return Kind(f"{left.name} or {right.name}", lambda value: left.matches(value) or right.matches(value))
    if isinstance(node, ast.Attribute):
        return _named(node.attr)
    if isinstance(node, ast.Name):
        return _named(node.id)
    if isinstance(node, ast.Subscript):
        head = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return _generic(head, inner)
    raise ConfigError(f"return annotation '{ast.unparse(node)}' is not understood")


def _named(name: str) -> Kind:
    if name in _PLAIN:
        return _PLAIN[name]
    # A class or an object: only a driver can receive it, so it never crosses the wire.
    return Kind(f"an object ({name}); it can only be used by a driver", lambda value: False)


def _generic(head: str, inner: list[ast.expr]) -> Kind:
    if head in _TENSORS:
        return _TENSORS[head]
    if head == "NDArray":
        return _PLAIN["NDArray"]
    if head == "list":
        item = _kind(inner[0])
        return Kind(f"a list of {item.name}", lambda value: type(value) is list and all(map(item.matches, value)))
    if head == "dict":
        key, item = _kind(inner[0]), _kind(inner[1])
        return Kind(
            f"a dict from {key.name} to {item.name}",
            lambda value: (
                isinstance(value, dict) and all(map(key.matches, value)) and all(map(item.matches, value.values()))
            ),
        )
    if head == "tuple" and len(inner) == 2 and isinstance(inner[1], ast.Constant) and inner[1].value is ...:
        item = _kind(inner[0])
        return Kind(f"a tuple of {item.name}", lambda value: type(value) is tuple and all(map(item.matches, value)))
    if head == "tuple":
        items = [_kind(node) for node in inner]
        return Kind(
            f"a tuple ({', '.join(item.name for item in items)})",
            lambda value: (
                type(value) is tuple
                and len(value) == len(items)
                and all(item.matches(part) for item, part in zip(items, value, strict=True))
            ),
        )
    return _named(head)
