"""Finds out what names stand for: aliases, imports between the hand-in's modules, `getattr` with known strings.

Nothing is run. The reading is rough in a direction that suits the check: order and conditions are hardly followed,
so a name may stand for several things; arguments of calls are not followed, so it may stand for nothing known.

Not covered: what is kept in containers that are filled later, passed as an argument, or made from strings that are
decoded or computed. The run-time guard sees what such code does.
"""

import ast
import builtins
from collections.abc import Callable

from grader.policy.calls import Calls, is_reversal
from grader.policy.layout import Layout
from grader.policy.rules import Policy
from grader.policy.source import Binding, Definition, Module, Scope, live
from grader.policy.values import (
    MOST_VALUES,
    NOTHING,
    TENSOR,
    Defined,
    External,
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
    instances,
    members,
    strings,
    texts,
    union,
)

MOST_STEPS = 1_000_000
MOST_ROUNDS = 4
"""Bound what a file made for it can cost. Ordinary hand-ins take some thousands of steps and one round."""

BUILTINS = frozenset(dir(builtins))


class TooMuch(Exception):
    """The hand-in asks for more work than the check may spend."""


class Names(Calls):
    """The names of all modules of a hand-in."""

    def __init__(self, layout: Layout, policy: Policy) -> None:
        self.layout = layout
        self.policy = policy
        self._known: dict[object, Values] = {}
        self._draft: dict[object, Values] = {}
        self._earlier: dict[object, Values] = {}
        self._open: set[object] = set()
        self._cut = False
        self._steps = 0

    def begin(self) -> None:
        """Give the next module a budget of its own."""
        self._steps = 0

    def spread_stores(self, module: Module) -> None:
        """Make `self.x = …` an attribute of the class, and `own_module.x = …` a name of the module."""
        for target, value, scope, _ in module.stores:
            if value is None or not isinstance(target.value, ast.Name):
                continue
            for owner in self.lookup(target.value.id, scope):
                match owner:
                    case Instance(of=Definition(attributes=names)) | Defined(definition=Definition(attributes=names)):
                        pass
                    case OwnModule(module=Module(scope=Scope(names=names))):
                        pass
                    case _:
                        continue
                names.setdefault(target.attr, []).append(Binding("value", scope, False, value))
        self._known.clear()  # what was followed on the way here was followed without these
        self._draft.clear()

    # Names

    def imported(self, dotted: str, scope: Scope) -> OwnModule | External:
        """What importing `dotted` brings."""
        found = self.layout.find(dotted, scope.module)
        return External(found) if isinstance(found, str) else OwnModule(found)

    def member(self, module: Module, name: str) -> Values:
        """What the attribute `name` of a module of the hand-in stands for."""
        bindings = module.scope.names.get(name)
        if bindings:
            return union(self._bound(binding) for binding in live(bindings))
        below = self.layout.own((*module.parts, name))
        if below is not None:
            return frozenset((OwnModule(below),))
        return union(self._starred(star, name, module) for star, _ in module.stars)

    def _starred(self, star: str, name: str, importer: Module) -> Values:
        if name.startswith("_"):
            return NOTHING
        key = (star, name, importer.parts)
        return self._once(key, lambda: self._member_of(self.imported(star, importer.scope), name))

    def _member_of(self, module: OwnModule | External, name: str) -> Values:
        if isinstance(module, OwnModule):
            return self.member(module.module, name)
        return external(f"{module.name}.{name}")

    def find(self, name: str, scope: Scope) -> tuple[Scope, list[Binding]] | None:
        """The scope that binds `name` as seen from `scope`, and the bindings that may hold there."""
        here: Scope | None = scope.elsewhere.get(name, scope)
        while here is not None:
            if name in here.names and (here.kind != "class" or here is scope):
                bindings = here.names[name]
                return here, bindings if here is scope else live(bindings)
            here = here.parent
        return None

    def lookup(self, name: str, scope: Scope) -> Values:
        """What the variable `name` stands for in `scope`."""
        found = self.find(name, scope)
        if found is not None:
            return union(self._bound(binding) for binding in found[1])
        module = scope.module
        if name == "__name__":
            return texts([".".join((self.layout.package, *module.parts))])
        if name == "__builtins__":
            return external("builtins")
        starred = union(self._starred(star, name, module) for star, _ in module.stars)
        return starred | external(f"builtins.{name}") if name in BUILTINS else starred

    def _bound(self, binding: Binding) -> Values:
        return self._once(id(binding), lambda: self._bound_once(binding))

    def _bound_once(self, binding: Binding) -> Values:
        match binding:
            case Binding(kind="value", expr=ast.expr() as expr):
                return self.values(expr, binding.scope)
            case Binding(kind="element", expr=ast.expr() as expr):
                return members(self.values(expr, binding.scope))
            case Binding(kind="annotated", expr=ast.expr() as expr):
                return instances(self.values(expr, binding.scope))
            case Binding(kind="import"):
                return frozenset((self.imported(binding.target, binding.scope),))
            case Binding(kind="from"):
                return self._member_of(self.imported(binding.target, binding.scope), binding.member)
            case Binding(kind="definition" | "cls", definition=Definition() as definition):
                return frozenset((Defined(definition),))
            case Binding(kind="self", definition=Definition() as definition):
                return frozenset((Instance(definition),))
        return NOTHING

    # Expressions

    def values(self, expr: ast.expr, scope: Scope) -> Values:
        """What `expr` may stand for; empty when that is not known."""
        key = id(expr)
        if key in self._known:
            return self._known[key]
        if self._open:
            return self._once(key, lambda: self._evaluate(expr, scope))
        # Names may stand for each other in a circle: what a round leaves open is filled in by the next.
        found = NOTHING
        self._earlier = {}
        for _ in range(MOST_ROUNDS):
            self._draft, self._cut = {}, False
            found = self._once(key, lambda: self._evaluate(expr, scope))
            if not self._cut or self._draft == self._earlier:
                break
            self._earlier = self._draft
        self._known.update(self._draft)
        return found

    def _once(self, key: object, compute: Callable[[], Values]) -> Values:
        """What `compute` gives, computed once a round; within itself, what the round before gave."""
        if key in self._draft:
            return self._draft[key]
        if key in self._open:
            self._cut = True
            return self._earlier.get(key, NOTHING)
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise TooMuch(f"it takes more than {MOST_STEPS} steps")
        self._open.add(key)
        try:
            found = compute()
        finally:
            self._open.discard(key)
        if len(found) > MOST_VALUES:
            found = frozenset(sorted(found, key=repr)[:MOST_VALUES])
        self._draft[key] = found
        return found

    def _evaluate(self, expr: ast.expr, scope: Scope) -> Values:
        match expr:
            case ast.Name():
                return self.lookup(expr.id, scope)
            case ast.Attribute():
                return union(self.attribute(base, expr.attr) for base in self.values(expr.value, scope))
            case ast.Call():
                return self.call(expr, scope)
            case ast.Subscript():
                return union(self._item(base, expr, scope) for base in self.values(expr.value, scope))
            case ast.Constant(value=str(text)):
                return texts([text])
            case ast.JoinedStr() | ast.FormattedValue():
                return self._formatted(expr, scope)
            case ast.BinOp(op=ast.Add()):
                left, right = self.values(expr.left, scope), self.values(expr.right, scope)
                kept = frozenset(v for v in left | right if isinstance(v, Group) or v == TENSOR)
                return kept | texts(a + b for a in strings(left) for b in strings(right))
            case ast.BinOp():
                if isinstance(expr.op, ast.MatMult):
                    return frozenset((TENSOR,))
                return (self.values(expr.left, scope) | self.values(expr.right, scope)) & {TENSOR}
            case ast.Tuple() | ast.List() | ast.Set():
                return group(union(self._element(part, scope) for part in expr.elts))
            case ast.Dict():
                return group(union(self.values(part, scope) for part in expr.values))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return group(self.values(expr.elt, scope.module.blocks[id(expr)]))
            case ast.DictComp():
                return group(self.values(expr.value, scope.module.blocks[id(expr)]))
            case ast.IfExp():
                return self.values(expr.body, scope) | self.values(expr.orelse, scope)
            case ast.BoolOp():
                return union(self.values(part, scope) for part in expr.values)
            case ast.NamedExpr() | ast.Await():
                return self.values(expr.value, scope)
            case ast.Lambda():
                return frozenset((Defined(scope.module.definitions[id(expr)]),))
        return NOTHING

    def _element(self, part: ast.expr, scope: Scope) -> Values:
        if isinstance(part, ast.Starred):
            return members(self.values(part.value, scope))
        return self.values(part, scope)

    def _formatted(self, expr: ast.JoinedStr | ast.FormattedValue, scope: Scope) -> Values:
        if isinstance(expr, ast.FormattedValue):
            plain = expr.conversion == -1 and expr.format_spec is None
            return texts(self.strings(expr.value, scope)) if plain else NOTHING
        found = [""]
        for part in expr.values:
            found = [a + b for a in found for b in self.strings(part, scope)][:MOST_VALUES]
        return texts(found)

    def attribute(self, base: Value, name: str) -> Values:
        """What `base.name` stands for."""
        match base:
            case External() | OwnModule() if name == "__dict__":
                return frozenset((Members(base),))
            case External():
                return external(f"{base.name}.{name}")
            case Unnamed() | Instance(of="torch.Tensor"):
                return frozenset((base,))
            case OwnModule():
                return self.member(base.module, name)
            case Instance(of=Definition() as definition) if name == "__class__":
                return frozenset((Defined(definition),))
            case Instance(of=Definition() as definition) | Defined(definition=definition):
                return self._class_attribute(definition, name, set())
        return NOTHING

    def _class_attribute(self, definition: Definition, name: str, seen: set[Definition]) -> Values:
        bindings = definition.attributes.get(name)
        if bindings:
            return union(self._bound(binding) for binding in bindings)
        seen.add(definition)
        found: Values = NOTHING
        for base in self.bases(definition):
            if isinstance(base, Defined) and base.definition not in seen:
                found |= self._class_attribute(base.definition, name, seen)
            elif isinstance(base, External) and self.policy.rule_against(base.name) is None:
                inherited = f"{base.name}.{name}"  # what objects of the class hold beside methods is not known
                found |= external(inherited) if self.policy.rule_against(inherited) else NOTHING
        return found

    def bases(self, definition: Definition) -> Values:
        """What a class of the hand-in inherits from."""
        if not isinstance(definition.node, ast.ClassDef):
            return NOTHING
        return union(self.values(base, definition.scope) for base in definition.node.bases)

    def _item(self, base: Value, expr: ast.Subscript, scope: Scope) -> Values:
        match base:
            case Group():
                return members(frozenset((base,)))
            case Members():
                return self.read(base.of, self.strings(expr.slice, scope))
            case External(name="builtins"):
                return self.read(base, self.strings(expr.slice, scope))
            case External(name="sys.modules"):
                return self.imports(self.strings(expr.slice, scope), scope)
            case External(name=name) if name.startswith("jaxtyping.") and isinstance(expr.slice, ast.Tuple):
                return self.values(expr.slice.elts[0], scope) if expr.slice.elts else NOTHING
            case Unnamed() | Instance(of="torch.Tensor"):
                return frozenset((base,))
            case Text() if is_reversal(expr.slice):
                return texts([base.value[::-1]])
        return NOTHING
