"""Finds the class behind a public adapter: `run_linear` builds a `Linear` and calls it, so that is the linear layer.

Read from the source, never by running it. Followed: names assigned once, imports at the top and in the function,
re-exports, a configuration object built on the way, `.to(…)` after the constructor. Found is only what can be
repeated with other sizes: every argument of the constructor is a size, a constant, or made of these. Otherwise the
hand-in lacks the class, which costs nothing.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from grader.adopt import definitions
from grader.adopt.definitions import MOST_STEPS
from grader.adopt.terms import Made
from grader.adopt.tree import Tree

PASSED_ON = frozenset(("to", "eval", "train", "cpu", "float", "requires_grad_"))
"""Methods of a module that return the module."""
OPTIONS = frozenset(("device", "dtype"))


@dataclass
class Found:
    """How to build an object of the class: expressions in our constructor's argument names.

    `classes` are the names in these expressions: the module's dotted name and the class, by alias.
    """

    name: str
    line: int
    build: str
    build_without: Mapping[str, str | None]
    """The expression where an argument is omitted, for those that may be; None where the class needs it."""
    classes: Mapping[str, tuple[str, str]]


class _CannotTell(Exception):
    """The source does not say in a way that can be repeated."""


def find(tree: Tree, path: PurePosixPath, made: Made) -> Found | None:
    """The class that the function `made.adapter` of the file at `path` builds and calls; None where that is not clear."""
    module = tree.source(path).module
    functions = [
        n for n in (module.body if module else ()) if isinstance(n, ast.FunctionDef) and n.name == made.adapter
    ]
    if not functions:
        return None
    function = _Function(tree, path, functions[-1], made)
    try:
        constructor = function.constructor()
        whole = function.expression(constructor)
        without: dict[str, str | None] = {}
        for name in made.omitted:
            try:
                without[name] = function.expression(constructor, frozenset((made.sizes[name],)))
            except _CannotTell:
                without[name] = None
    except _CannotTell:
        return None
    name = function.classes[whole.partition("(")[0]][1]
    return Found(name, constructor.lineno, whole, without, function.classes)


@dataclass
class _Function:
    """The public adapter, read."""

    tree: Tree
    path: PurePosixPath
    node: ast.FunctionDef
    made: Made
    classes: dict[str, tuple[str, str]] = field(default_factory=dict)

    def constructor(self) -> ast.Call:
        """The call that builds the object which is called with the adapter's inputs, and with nothing else."""
        for call in ast.walk(self.node):
            if isinstance(call, ast.Call) and _names(call) == list(self.made.inputs):
                called = call.func
                if isinstance(called, ast.Attribute) and called.attr == "forward":
                    called = called.value
                built = self._unwrapped(called)
                if isinstance(built, ast.Call) and self._class(built.func) is not None:
                    return built
        raise _CannotTell

    def expression(self, call: ast.Call, omitted: frozenset[str] = frozenset()) -> str:
        """`call` with our constructor's argument names; parameters of the adapter in `omitted` are left out.

        The last argument is `**options`: what the function says of device and dtype is what a test will choose.
        """
        given: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
        omit = {id(each) for each in given if self._size(each) in omitted}
        if len(omit) != len(omitted) or any(id(a) in omit and a is not call.args[-1] for a in call.args):
            raise _CannotTell
        args = [self._argument(arg) for arg in call.args if id(arg) not in omit]
        args += [
            f"{keyword.arg}={self._argument(keyword.value)}"
            for keyword in call.keywords
            if id(keyword) not in omit and keyword.arg not in OPTIONS and keyword.arg is not None
        ]
        if any(keyword.arg is None for keyword in call.keywords):
            raise _CannotTell
        return f"{self._alias(call.func)}({', '.join([*args, '**options'])})"

    def _size(self, argument: ast.expr | ast.keyword) -> str:
        value = argument.value if isinstance(argument, ast.keyword) else argument
        return value.id if isinstance(value, ast.Name) else ""

    def _argument(self, node: ast.expr, steps: int = 0) -> str:
        """An argument of the constructor, of sizes and constants alone."""
        if steps > MOST_STEPS:
            raise _CannotTell
        ours = {theirs: name for name, theirs in self.made.sizes.items()}
        match node:
            case ast.Name(id=name) if name in ours and not self._assigned(name):
                return ours[name]
            case ast.Name(id=name):
                values = self._assigned(name)
                if len(values) == 1:
                    return self._argument(values[0], steps + 1)
            case ast.Constant(value=int() | float() | str() | None):
                return repr(node.value)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.FloorDiv(), right=right):
                sign = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//"}[type(node.op)]
                return f"({self._argument(left, steps + 1)} {sign} {self._argument(right, steps + 1)})"
            case ast.Call(func=func, args=args, keywords=keywords):
                given = [self._argument(arg, steps + 1) for arg in args]
                for keyword in keywords:
                    if keyword.arg is None:
                        raise _CannotTell
                    if keyword.arg not in OPTIONS:
                        given.append(f"{keyword.arg}={self._argument(keyword.value, steps + 1)}")
                return f"{self._alias(func)}({', '.join(given)})"
        raise _CannotTell

    def _assigned(self, name: str) -> list[ast.expr]:
        """What the function assigns to a variable, each time."""
        return [
            node.value
            for node in ast.walk(self.node)
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr)
            and node.value is not None
            and any(isinstance(t, ast.Name) and t.id == name for t in _targets(node))
        ]

    def _unwrapped(self, node: ast.expr) -> ast.expr:
        for _ in range(MOST_STEPS):
            match node:
                case ast.Name(id=name) if len(values := self._assigned(name)) == 1:
                    node = values[0]
                case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in PASSED_ON:
                    node = value
                case _:
                    break
        return node

    def _alias(self, func: ast.expr) -> str:
        found = self._class(func)
        if found is None:
            raise _CannotTell
        for alias, known in self.classes.items():
            if known == found:
                return alias
        alias = f"Class{len(self.classes)}"
        self.classes[alias] = found
        return alias

    def _class(self, func: ast.expr) -> tuple[str, str] | None:
        """The class of the repository that an expression names: its module in the hand-in, and its name."""
        parts = definitions.dotted(func)
        if not parts:
            return None
        found = definitions.find(self.tree, self.path, parts, [*definitions.imports_in(self.node)], set())
        if found is None:
            return None
        path, name = found
        module = path.parent if path.name == "__init__.py" else path.with_suffix("")
        return self.tree.dotted(module.parent, module.name), name


def _names(call: ast.Call) -> list[str]:
    """The arguments of a call where all of them are plain names; else nothing that could be meant."""
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    return [value.id if isinstance(value, ast.Name) else "" for value in values]


def _targets(node: ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]
