"""Looks at every site of a hand-in: does it name something forbidden, or reach for a name that cannot be read?"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from grader.policy.attribution import IMPORT_NAME, RUN_ON_IMPORT, Graph, Node
from grader.policy.bindings import BODY, INDEX, KEYWORD
from grader.policy.calls import DYNAMIC, IMPORTING, NAMESPACES, READING
from grader.policy.names import Names
from grader.policy.rules import Policy, watched
from grader.policy.source import Definition, Module, Site
from grader.policy.values import (
    Defined,
    External,
    Getter,
    Instance,
    Members,
    OwnModule,
    Unnamed,
    Value,
    Values,
)

TYPE_ARGUMENTS = {
    "builtins.isinstance": (1,),
    "builtins.issubclass": (1,),
    "typing.cast": (0,),
    "typing.NewType": (1,),
    "typing.TypeVar": (1, 2, 3, 4, KEYWORD),
}
"""Arguments that name a class without using it."""
TYPE_SUBSCRIPTS = ("typing.", "typing_extensions.", "collections.", "jaxtyping.", "numpy.typing.")
GENERICS = frozenset(f"builtins.{name}" for name in ("list", "dict", "tuple", "set", "frozenset", "type"))
HARMLESS_CALLS = (
    READING
    | NAMESPACES
    | frozenset(
        f"builtins.{name}" for name in ("hasattr", "dir", "id", "type", "repr", "str", "print", "help", "isinstance")
    )
)
"""What may be given a whole namespace; what they give is looked at itself."""
REFLECTIVE = frozenset(("__subclasses__", "__globals__", "__builtins__", "__loader__", "__code__", "__closure__"))
FRAMES = frozenset(("f_back", "f_locals", "f_globals", "f_builtins", "tb_frame", "gi_frame", "cr_frame"))
DEFERRED = IMPORTING | frozenset(("builtins.globals", "builtins.locals", "sys.modules", "sys.modules.get"))
"""Watched, but fine where what they give can be read."""
SETTINGS = ("torch.backends.", "torch._dynamo.", "torch._inductor.", "torch.utils.", "torch.cuda.")


@dataclass(frozen=True)
class Suspect:
    """Something seen at a place. `name` is what was reached for, `rule` what it offends."""

    kind: Literal["policy", "integrity"]
    node: Node
    line: int
    last_line: int
    name: str
    rule: str
    message: str
    alias: Node | None = None


class Check:
    """Goes through the sites of all modules; fills the graph of who mentions whom on the way."""

    def __init__(self, names: Names, policy: Policy, modules: list[Module]) -> None:
        self.names = names
        self.policy = policy
        self.graph = Graph()
        self.own_attributes = {
            name for m in modules for d in m.definitions.values() if d.is_class for name in d.attributes
        }

    def module(self, module: Module) -> Iterator[Suspect]:
        """What is to be said about one module."""
        for name, symbol in module.joined:
            self.graph.add((module.file, name), (module.file, symbol), IMPORT_NAME)
        for star, line in module.stars:
            yield from self._star(module, star, line)
        for target, _, scope, symbol in module.stores:
            site = Site(target, scope, symbol, None)
            for base in self.names.values(target.value, scope):
                if isinstance(base, External) and _is_library(base.name):
                    yield self._suspect(
                        "integrity", site, f"{base.name}.{target.attr}", "patched-library", "assigns to"
                    )
        for site in module.sites:
            if not self._is_asleep(site):
                yield from self._site(site)

    def _site(self, site: Site) -> Iterator[Suspect]:
        match site.node:
            case ast.Import() | ast.ImportFrom():
                yield from self._import(site, site.node)
            case ast.Name() | ast.Attribute():
                yield from self._name(site, site.node)
            case ast.Call():
                yield from self._call(site, site.node)
            case ast.Subscript():
                bases = self.names.values(site.node.value, site.scope)
                if any(isinstance(b, Members) or b in (External("sys.modules"), External("builtins")) for b in bases):
                    yield from self._reached(site, self.names.values(site.node, site.scope))

    # Imports

    def _star(self, module: Module, star: str, line: int) -> Iterator[Suspect]:
        found = self.names.imported(star, module.scope)
        if isinstance(found, OwnModule):
            self.graph.add((module.file, BODY), (found.module.file, BODY), RUN_ON_IMPORT)
        elif self.policy.is_guarded(found.name) or self.policy.rule_against(found.name):
            message = f"{module.file} imports all names of {found.name}; expected the names that are used"
            yield Suspect("integrity", (module.file, BODY), line, line, found.name, "star-import", message)

    def _import(self, site: Site, node: ast.Import | ast.ImportFrom) -> Iterator[Suspect]:
        file = site.scope.module.file
        at_top = site.scope is site.scope.module.scope
        base = "." * node.level + (node.module or "") if isinstance(node, ast.ImportFrom) else ""
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            here = (file, bound) if at_top and alias.name != "*" else (file, site.symbol)
            found = self.names.imported(base or alias.name, site.scope)
            if isinstance(found, OwnModule):
                self._own_import(site, here, found, alias.name if base else "")
                continue
            joint = "" if base.endswith(".") else "."
            wanted = [f"{base}{joint}{alias.name}", base] if base else [alias.name]
            rule = next(filter(None, map(self.policy.rule_against_import, wanted)), None)
            if rule is not None:
                message = f"{file} imports {found.name}; the from-scratch policy forbids {rule}"
                yield Suspect("policy", here, node.lineno, node.end_lineno or node.lineno, found.name, rule, message)

    def _member(self, module: Module, name: str) -> Node:
        """Where the name `name` of a module of the hand-in is bound, be it by star imports."""
        waiting, seen = [module], {module.file}
        while waiting:
            here = waiting.pop(0)
            if name in here.scope.names:
                return here.file, name
            for star, _ in here.stars:
                found = self.names.imported(star, here.scope)
                if isinstance(found, OwnModule) and found.module.file not in seen:
                    seen.add(found.module.file)
                    waiting.append(found.module)
        return module.file, name

    def _own_import(self, site: Site, here: Node, found: OwnModule, member: str) -> None:
        file = site.scope.module.file
        below = self.names.layout.own((*found.module.parts, member)) if member else None
        for module in (found.module, below):
            if module is not None:
                at_top = site.scope is site.scope.module.scope
                self.graph.add((file, BODY) if at_top else here, (module.file, BODY), RUN_ON_IMPORT)
        if member and member != "*":
            self.graph.add(here, self._member(found.module, member), IMPORT_NAME)

    # Names and attributes

    def _name(self, site: Site, node: ast.Name | ast.Attribute) -> Iterator[Suspect]:
        if self._is_type(site):
            return
        named, alias = self._mention(site, node)
        if isinstance(site.parent, ast.Attribute):
            return
        values = self.names.values(node, site.scope)
        for value in values:
            if isinstance(value, External) and named:
                yield from self._external(site, value.name, alias)
            elif isinstance(value, OwnModule | Members):
                yield from self._whole_namespace(site, value)
        if isinstance(node, ast.Attribute) and node.attr in REFLECTIVE | FRAMES and not values:
            yield self._suspect("integrity", site, node.attr, node.attr, "reads")

    def _mention(self, site: Site, node: ast.Name | ast.Attribute) -> tuple[bool, Node | None]:
        """Note what `node` mentions. Whether this is where a name is spelled, and the top-level alias it goes by."""
        file, here = site.scope.module.file, (site.scope.module.file, site.symbol)
        if isinstance(node, ast.Attribute):
            bases = self.names.values(node.value, site.scope)
            for base in bases:
                if isinstance(base, OwnModule):
                    alias = self._member(base.module, node.attr)
                    self.graph.add(here, alias)
                    return True, alias
            return any(isinstance(base, External | Unnamed) for base in bases), None
        found = self.names.find(node.id, site.scope)
        if found is None:
            alias = self._member(site.scope.module, node.id)
            if alias != (file, node.id):
                self.graph.add(here, alias)
                return True, alias
            return True, None
        scope, bindings = found
        if scope is site.scope.module.scope:
            if node.id != site.symbol:
                self.graph.add(here, (file, node.id))
            return True, (file, node.id)
        for binding in bindings:
            if binding.kind == "from":
                module = self.names.imported(binding.target, scope)
                if isinstance(module, OwnModule):
                    alias = self._member(module.module, binding.member)
                    self.graph.add(here, alias)
                    return True, alias
        return any(binding.kind in ("import", "from") for binding in bindings), None

    def _external(self, site: Site, name: str, alias: Node | None = None) -> Iterator[Suspect]:
        rule = self.policy.rule_against(name)
        last = name.rpartition(".")[2]
        if rule is not None:
            yield self._suspect("policy", site, name, rule, "uses", alias)
        elif last in REFLECTIVE and self.policy.is_guarded(name.partition(".")[0]):
            yield self._suspect("policy", site, name, "unreadable-name", "reaches into")
        elif self.policy.is_closed(name) and self._escapes(site):
            yield self._suspect("policy", site, name, "unreadable-name", "hands on the whole of")
        elif (pattern := watched(name)) is not None and not self._is_readable(site, name):
            yield self._suspect("integrity", site, name, pattern, "uses")

    def _is_readable(self, site: Site, name: str) -> bool:
        """Whether what a deferred name gives is known, and so looked at itself."""
        parent = site.parent
        if name not in DEFERRED or not isinstance(parent, ast.Call | ast.Subscript):
            return False
        head = parent.func if isinstance(parent, ast.Call) else parent.value
        return head is site.node and bool(self.names.values(parent, site.scope))

    def _escapes(self, site: Site) -> bool:
        """Whether a namespace goes where it is not followed: into a call, a generator's hands, a container."""
        match site.parent:
            case ast.Call(func=func):
                if func is site.node:
                    return False
                callees = self.names.values(func, site.scope)
                return not any(isinstance(v, External) and v.name in HARMLESS_CALLS for v in callees)
            case ast.Assign(targets=targets):
                return any(isinstance(target, ast.Subscript) for target in targets)
            case ast.Yield() | ast.YieldFrom():
                return True
        return False

    def _whole_namespace(self, site: Site, value: OwnModule | Members) -> Iterator[Suspect]:
        """A module of the hand-in as an object, or a namespace as a dictionary."""
        match value, site.parent:
            case Members(), ast.Subscript():
                return  # looked at as a subscript
            case Members(of=External(name)), _:
                if self.policy.is_closed(name):
                    yield self._suspect("policy", site, name, "unreadable-name", "reads the dictionary of")
                elif self.policy.is_guarded(name):
                    yield self._suspect("integrity", site, name, "unreadable-name", "reads the dictionary of")
            case ((OwnModule(module) | Members(of=OwnModule(module))), parent):
                if isinstance(parent, ast.Call) and self.names.values(parent, site.scope):
                    return  # what it gives is known, and looked at itself
                for name in module.scope.names:
                    self.graph.add((site.scope.module.file, site.symbol), (module.file, name))

    # Calls

    def _call(self, site: Site, node: ast.Call) -> Iterator[Suspect]:
        callees = self.names.values(node.func, site.scope)
        names = {callee.name for callee in callees if isinstance(callee, External)}
        if any(isinstance(callee, Unnamed) for callee in callees):
            namespace = next(callee.namespace for callee in callees if isinstance(callee, Unnamed))
            if self.policy.is_guarded(namespace):
                yield self._suspect("policy", site, namespace, "unreadable-name", "calls a member it computes of")
        reflects = any(isinstance(callee, Getter) for callee in callees) or any(
            name in READING | NAMESPACES | IMPORTING or name == "sys.modules.get" or name.endswith(DYNAMIC)
            for name in names
        )
        if isinstance(node.func, ast.Attribute):
            receivers = self.names.values(node.func.value, site.scope)
            reflects = reflects or any(isinstance(receiver, Members) for receiver in receivers)
            yield from self._method(site, receivers, node.func.attr)
        if reflects or "functools.reduce" in names:
            yield from self._reached(site, self.names.values(node, site.scope))
        if names & READING and len(node.args) > 1 and _is_called(site):
            for attribute in self.names.strings(node.args[1], site.scope):
                yield from self._method(site, self.names.values(node.args[0], site.scope), attribute)
        if "operator.methodcaller" in names and node.args:
            for attribute in self.names.strings(node.args[0], site.scope):
                yield from self._method(site, frozenset(), attribute)
        if names & {"builtins.setattr", "builtins.delattr"} and node.args:
            for base in self.names.values(node.args[0], site.scope):
                if isinstance(base, External) and _is_library(base.name):
                    yield self._suspect("integrity", site, base.name, "patched-library", "assigns within")

    def _reached(self, site: Site, values: Values) -> Iterator[Suspect]:
        """What was reached without writing its name."""
        here = (site.scope.module.file, site.symbol)
        for value in values:
            if isinstance(site.parent, ast.Attribute) and not isinstance(value, Unnamed):
                continue  # the attribute of it is looked at
            match value:
                case External(name):
                    yield from self._external(site, name)
                case Unnamed(namespace) if self.policy.is_closed(namespace):
                    yield self._suspect("policy", site, namespace, "unreadable-name", "computes a name within")
                case Unnamed(namespace) if self.policy.is_guarded(namespace):
                    yield self._suspect("integrity", site, namespace, "unreadable-name", "computes a name within")
                case Defined(definition):
                    self.graph.add(here, (definition.scope.module.file, definition.symbol))
                case OwnModule() | Members():
                    yield from self._whole_namespace(site, value)

    def _method(self, site: Site, receivers: Values, name: str) -> Iterator[Suspect]:
        """`x.softmax(-1)`: forbidden methods of tensors, unless `x` is the hand-in's own or another library's."""
        rule = self.policy.rule_against(f"torch.Tensor.{name}")
        if rule is None:
            return
        if not receivers and name in self.own_attributes:
            yield self._suspect("integrity", site, f"torch.Tensor.{name}", rule, "may call")
        elif all(self._may_be_tensor(receiver, name) for receiver in receivers):
            yield self._suspect("policy", site, f"torch.Tensor.{name}", rule, "calls")

    def _may_be_tensor(self, receiver: Value, name: str) -> bool:
        match receiver:
            case Instance(of=str(of)):
                return of.startswith("torch.")
            case Instance(of=Definition()) | Defined():
                found = self.names.attribute(receiver, name)
                return any(isinstance(v, External) and self.policy.rule_against(v.name) for v in found)
        return False

    # Places

    def _is_type(self, site: Site) -> bool:
        if isinstance(site.parent, ast.Compare):
            return all(isinstance(op, ast.Is | ast.IsNot | ast.Eq | ast.NotEq) for op in site.parent.ops)
        if site.judge is None:
            return False
        head, place = site.judge
        for value in self.names.values(head, site.scope):
            if isinstance(value, External):
                generic = value.name in GENERICS or value.name.startswith(TYPE_SUBSCRIPTS)
                if place in TYPE_ARGUMENTS.get(value.name, ()) or (place == INDEX and generic):
                    return True
        return False

    def _is_asleep(self, site: Site) -> bool:
        """Whether the site stands under `if TYPE_CHECKING:` and so never runs."""
        if site.asleep is None:
            return False
        return self.names.values(site.asleep, site.scope) == {External("typing.TYPE_CHECKING")}

    def _suspect(
        self,
        kind: Literal["policy", "integrity"],
        site: Site,
        name: str,
        rule: str,
        does: str,
        alias: Node | None = None,
    ) -> Suspect:
        who = site.symbol[:60] if site.symbol.isidentifier() else f"top-level code of {site.scope.module.file}"
        message = f"{who} {does} {name}"
        if kind == "policy":
            message += f"; the from-scratch policy forbids {name if rule == 'unreadable-name' else rule}"
            if rule == "unreadable-name":
                message = f"{who} {does} {name}; expected names that can be read, as the policy forbids some of them"
        last = site.node.end_lineno or site.node.lineno
        return Suspect(kind, (site.scope.module.file, site.symbol), site.node.lineno, last, name, rule, message, alias)


def _is_called(site: Site) -> bool:
    return isinstance(site.parent, ast.Call) and site.parent.func is site.node


def _is_library(name: str) -> bool:
    """Whether assigning to an attribute of `name` changes a library rather than a setting of it."""
    top = name.partition(".")[0]
    return top in ("torch", "numpy", "builtins", "math") and not f"{name}.".startswith(SETTINGS)
