"""What calls give that reach names by other ways than writing them: `getattr`, `vars`, `import_module`, strings.

Strings are followed through joining, splitting, formatting and reversing; what is decoded or computed is not known.
"""

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

from grader.policy.source import Binding, Scope
from grader.policy.values import (
    NOTHING,
    TENSOR,
    Defined,
    External,
    Getter,
    Group,
    Instance,
    Members,
    OwnModule,
    Text,
    Unnamed,
    Value,
    Values,
    external,
    group,
    is_dotted,
    members,
    strings,
    texts,
    union,
)

STRING_METHODS: Mapping[str, Callable[..., str]] = {
    name: getattr(str, name)
    for name in ("lower", "upper", "strip", "replace", "removeprefix", "removesuffix", "title", "swapcase")
}
COLLECTING = frozenset(
    f"builtins.{name}" for name in ("list", "tuple", "set", "frozenset", "iter", "sorted", "reversed", "dict")
)
IMPORTING = frozenset(("builtins.__import__", "importlib.import_module", "importlib.__import__", "importlib.reload"))
READING = frozenset(("builtins.getattr", "builtins.object.__getattribute__", "inspect.getattr_static"))
NAMESPACES = frozenset(("builtins.vars", "builtins.globals", "builtins.locals"))
DYNAMIC = (".__getattribute__", ".__getattr__")


class Calls(ABC):
    """The part of `Names` that is about calls."""

    @abstractmethod
    def values(self, expr: ast.expr, scope: Scope) -> Values:
        """What `expr` may stand for."""

    @abstractmethod
    def attribute(self, base: Value, name: str) -> Values:
        """What `base.name` stands for."""

    @abstractmethod
    def find(self, name: str, scope: Scope) -> tuple[Scope, list[Binding]] | None:
        """The scope that binds `name`, and the bindings that may hold."""

    @abstractmethod
    def imported(self, dotted: str, scope: Scope) -> OwnModule | External:
        """What importing `dotted` brings."""

    def strings(self, expr: ast.expr, scope: Scope) -> list[str]:
        """The strings that `expr` may stand for, if it can be nothing else."""
        return strings(self.values(expr, scope))

    def read(self, base: Value, names: list[str]) -> Values:
        """The attribute of `base` by one of `names`; without any its name is not known."""
        if names:
            return union(self.attribute(base, name) for name in names)
        if isinstance(base, External) and not base.name.startswith("builtins."):
            return frozenset((Unnamed(base.name),))
        return frozenset((base,)) if isinstance(base, Unnamed) else NOTHING

    def imports(self, names: list[str], scope: Scope) -> Values:
        """The modules of these names."""
        return frozenset(self.imported(name, scope) for name in names if is_dotted(name.lstrip(".")))

    def call(self, expr: ast.Call, scope: Scope) -> Values:
        """What the call `expr` gives."""
        found: Values = NOTHING
        for callee in self.values(expr.func, scope):
            match callee:
                case Defined(definition) if definition.is_class:
                    found |= {Instance(definition)}
                case Defined(definition):
                    found |= union(self.values(value, inner) for value, inner in definition.returns)
                case External(name):
                    found |= self._external(name, expr, scope)
                case Getter(path) if expr.args:
                    found |= self._along(self.values(expr.args[0], scope), path)
                case Unnamed() | Instance(of="torch.Tensor"):
                    found |= {callee}  # a method of a tensor mostly gives a tensor
        if isinstance(expr.func, ast.Attribute):
            for base in self.values(expr.func.value, scope):
                found |= self._method(base, expr.func.attr, expr, scope)
        return found

    def _external(self, name: str, expr: ast.Call, scope: Scope) -> Values:
        args = expr.args or [keyword.value for keyword in expr.keywords if keyword.arg == "name"]
        if name in NAMESPACES:
            bases = self.values(args[0], scope) if args else frozenset((OwnModule(scope.module),))
            return frozenset(Members(base) for base in bases if isinstance(base, External | OwnModule))
        if name == "builtins.super":
            return _super(scope)
        if not args:
            pass
        elif name in READING and len(args) > 1:
            named = self.strings(args[1], scope)
            default = self.values(args[2], scope) if len(args) > 2 else NOTHING
            return default | union(self.read(base, named) for base in self.values(args[0], scope))
        elif name.endswith(DYNAMIC):
            named = self.strings(args[-1], scope)
            bases = self.values(args[0], scope) if len(args) > 1 else external(name.rpartition(".")[0])
            return union(self.read(base, named) for base in bases)
        elif name in IMPORTING:
            return self._import(name, args[0], expr, scope)
        elif name == "sys.modules.get":
            return self.imports(self.strings(args[0], scope), scope)
        elif name == "operator.attrgetter":
            paths = self.strings(args[0], scope)
            return frozenset(map(Getter, paths)) if paths else frozenset((Getter(None),))
        elif name == "functools.reduce" and len(args) == 3:
            return self._reduced(args, scope)
        elif name in COLLECTING:
            return frozenset(v for v in self.values(args[0], scope) if isinstance(v, Group | Text))
        elif name == "builtins.next":
            return members(self.values(args[0], scope))
        elif name == "builtins.str":
            return texts(self.strings(args[0], scope))
        elif name == "builtins.type" and len(args) == 1:
            objects = [value for value in self.values(args[0], scope) if isinstance(value, Instance)]
            return union(self.attribute(value, "__class__") for value in objects)
        elif name == "torch.compile":
            return self.values(args[0], scope)
        if name.startswith("torch."):
            return frozenset((TENSOR,)) if name.count(".") == 1 and name != "torch.load" else NOTHING
        return NOTHING if name.startswith("builtins.") else frozenset((Instance(name),))

    def _reduced(self, args: list[ast.expr], scope: Scope) -> Values:
        """`reduce(getattr, ["nn", "functional"], torch)`"""
        if not any(isinstance(f, External) and f.name in READING for f in self.values(args[0], scope)):
            return NOTHING
        path = self.sequence(args[1], scope)
        return self._along(self.values(args[2], scope), None if path is None else ".".join(path))

    def _import(self, name: str, wanted: ast.expr, expr: ast.Call, scope: Scope) -> Values:
        if name == "importlib.reload":
            return self.values(wanted, scope)
        named = self.strings(wanted, scope)
        takes_members = len(expr.args) > 3 or any(keyword.arg == "fromlist" for keyword in expr.keywords)
        if name != "importlib.import_module" and not takes_members:
            named = [text.partition(".")[0] for text in named]  # `__import__("a.b")` gives `a`
        return self.imports(named, scope)

    def _along(self, bases: Values, path: str | None) -> Values:
        if path is None:
            return union(self.read(base, []) for base in bases)
        for name in path.split("."):
            bases = union([self.attribute(base, name) for base in bases])
        return bases

    def _method(self, base: Value, method: str, expr: ast.Call, scope: Scope) -> Values:
        """Methods of strings, of containers, and of the dictionaries of namespaces."""
        match base:
            case Members():
                if method in ("get", "pop", "setdefault", "__getitem__") and expr.args:
                    return self.read(base.of, self.strings(expr.args[0], scope))
                if method in ("values", "items"):
                    return group(self.read(base.of, []))
            case Group():
                if method in ("values", "copy"):
                    return frozenset((base,))
                if method in ("get", "pop", "__getitem__"):
                    return members(frozenset((base,)))
            case Text():
                return self._text_method(base.value, method, expr, scope)
        return NOTHING

    def _text_method(self, text: str, method: str, expr: ast.Call, scope: Scope) -> Values:
        if method == "join" and expr.args:
            parts = self.sequence(expr.args[0], scope)
            return texts([text.join(parts)]) if parts is not None else NOTHING
        if method == "split":
            parts = self.sequence(expr, scope)
            return group(texts(parts)) if parts is not None else NOTHING
        given = [self.strings(arg, scope) for arg in expr.args]
        if method in STRING_METHODS and not expr.keywords and all(len(options) == 1 for options in given):
            try:
                return texts([STRING_METHODS[method](text, *(options[0] for options in given))])
            except (TypeError, ValueError):
                return NOTHING
        return NOTHING

    def sequence(self, expr: ast.expr, scope: Scope) -> list[str] | None:
        """The strings of a list that is written out, in order."""
        match expr:
            case ast.Constant(value=str(text)):
                return list(text)
            case ast.List() | ast.Tuple():
                parts = [self.strings(part, scope) for part in expr.elts]
                return [part[0] for part in parts] if all(len(part) == 1 for part in parts) else None
            case ast.Call(func=ast.Attribute(attr="split", value=text), args=[separator]):
                whole, by = self.strings(text, scope), self.strings(separator, scope)
                return whole[0].split(by[0]) if len(whole) == len(by) == 1 and by[0] else None
            case ast.Call(func=ast.Name(id="reversed" | "list" | "tuple" as how), args=[inner]):
                found = self.sequence(inner, scope)
                return found[::-1] if found is not None and how == "reversed" else found
            case ast.Subscript() if is_reversal(expr.slice):
                found = self.sequence(expr.value, scope)
                return None if found is None else found[::-1]
            case ast.Name():
                binding = self._only_binding(expr.id, scope)
                if binding is not None and binding.expr is not None and binding.expr is not expr:
                    return self.sequence(binding.expr, binding.scope)
        return None

    def _only_binding(self, name: str, scope: Scope) -> Binding | None:
        found = self.find(name, scope)
        return found[1][0] if found and len(found[1]) == 1 and found[1][0].kind == "value" else None


def is_reversal(index: ast.expr) -> bool:
    """Whether `index` reads `::-1`."""
    return (
        isinstance(index, ast.Slice)
        and index.lower is None
        and index.upper is None
        and isinstance(index.step, ast.UnaryOp)
        and isinstance(index.step.op, ast.USub)
    )


def _super(scope: Scope) -> Values:
    here: Scope | None = scope
    while here is not None:
        if here.kind == "class" and here.definition is not None:
            return frozenset((Instance(here.definition),))
        here = here.parent
    return NOTHING
