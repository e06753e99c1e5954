"""A file of the hand-in as the check sees it: scopes, bindings, definitions, and the sites worth a look."""

import ast
from dataclasses import dataclass, field
from typing import Literal


@dataclass(eq=False)
class Scope:
    """A block with names of its own. A class body is not seen from the functions within it."""

    kind: Literal["module", "class", "function"]
    parent: "Scope | None"
    module: "Module"
    definition: "Definition | None" = None
    names: dict[str, list["Binding"]] = field(default_factory=dict)
    elsewhere: dict[str, "Scope"] = field(default_factory=dict)
    """Names declared `global` or `nonlocal`, and where they are bound."""


@dataclass(frozen=True, eq=False)
class Binding:
    """One place where a name gets a value.

    `value`: the value of `expr`; `element`: one of its members; `import`: the external name or own module
    `target`; `from`: the name `member` of `target`; `definition`: a function or class; `self`, `cls`: the first
    argument of a method; `annotated`: an argument of the class `expr`; `unknown`: anything.
    """

    kind: Literal["value", "element", "import", "from", "definition", "self", "cls", "annotated", "unknown"]
    scope: Scope
    certain: bool
    """Whether running the block always passes here, so that earlier bindings are forgotten after it."""
    expr: ast.expr | None = None
    target: str = ""
    member: str = ""
    definition: "Definition | None" = None


def live(bindings: list[Binding]) -> list[Binding]:
    """The bindings that may hold once the block has run: the last certain one, and those after it."""
    last = max((place for place, binding in enumerate(bindings) if binding.certain), default=0)
    return bindings[last:]


@dataclass(eq=False)
class Definition:
    """A function, lambda or class of the hand-in. `symbol` is the top-level name it is part of."""

    name: str
    scope: Scope
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
    symbol: str
    returns: list[tuple[ast.expr, Scope]] = field(default_factory=list)
    attributes: dict[str, list[Binding]] = field(default_factory=dict)
    """Of a class: its body's names and what methods assign to `self`. Of a function: what is assigned to it."""

    @property
    def is_class(self) -> bool:
        """Whether this is a class."""
        return isinstance(self.node, ast.ClassDef)


@dataclass(frozen=True, eq=False)
class Site:
    """An expression or import that the check looks at, and where it stands."""

    node: ast.expr | ast.stmt
    scope: Scope
    symbol: str
    parent: ast.AST | None
    judge: tuple[ast.expr, int] | None = None
    """The call or subscript, and the place in it, that may make this a mere type: `isinstance(x, nn.Linear)`."""
    asleep: ast.expr | None = None
    """The test of the enclosing `if`, which may be `TYPE_CHECKING`."""


@dataclass(eq=False)
class Module:
    """A file of the hand-in, read. `parts` is its dotted name within the assignment's folder."""

    file: str
    parts: tuple[str, ...]
    is_package: bool
    trouble: str = ""
    """Why the file could not be checked; it then has no names."""
    importable: bool = True
    """Whether Python might import the file all the same."""
    scope: Scope = field(init=False)
    sites: list[Site] = field(default_factory=list)
    stars: list[tuple[str, int]] = field(default_factory=list)
    """What `from … import *` names, and the line."""
    spans: list[tuple[int, int, str]] = field(default_factory=list)
    """First line, last line and symbol of every top-level statement."""
    stores: list[tuple[ast.Attribute, ast.expr | None, Scope, str]] = field(default_factory=list)
    """Assignments to attributes: target, value, scope, symbol."""
    joined: list[tuple[str, str]] = field(default_factory=list)
    """Names that a statement of another symbol binds, and that symbol."""
    definitions: dict[int, Definition] = field(default_factory=dict)
    """By the id of the node."""
    blocks: dict[int, Scope] = field(default_factory=dict)
    """The scopes of comprehensions, by the id of the node."""

    def __post_init__(self) -> None:
        self.scope = Scope("module", None, self)

    @property
    def package(self) -> tuple[str, ...]:
        """What a relative import starts from."""
        return self.parts if self.is_package else self.parts[:-1]
