"""Reads one parsed file: its scopes, where each name gets a value, and the sites the check will look at.

One pass over the tree with a stack of its own, because a hand-in may nest deeper than Python's stack: fifty
thousand `elif` are fifty thousand nested statements.
"""

import ast
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from grader.policy.source import Binding, Definition, Module, Scope, Site

BODY, MAIN = "<module>", "__main__"
"""The symbols of top-level code that defines no name, and of what only runs as a script."""

KEYWORD, INDEX = -1, -2
"""Places in a call or subscript that have no number."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
How = Literal["value", "element", "unknown"]


class _Task(NamedTuple):
    """A node to visit, and what is known of its place."""

    node: ast.AST
    scope: Scope
    symbol: str | None
    """None at the top level of a module, where each statement has its own."""
    certain: bool = True
    parent: ast.AST | None = None
    judge: tuple[ast.expr, int] | None = None
    asleep: ast.expr | None = None

    def to(self, node: ast.AST, judge: tuple[ast.expr, int] | None = None) -> "_Task":
        """A child of this node."""
        return self._replace(node=node, parent=self.node, judge=judge)


def read(tree: ast.Module, module: Module) -> None:
    """Fill `module` with what `tree` says."""
    reader = _Reader(module)
    stack: list[_Task] = [_Task(node, module.scope, None) for node in reversed(tree.body)]
    while stack:
        stack += reversed(list(reader.visit(stack.pop())))


class _Reader:
    def __init__(self, module: Module) -> None:
        self.module = module

    def visit(self, task: _Task) -> Iterator[_Task]:
        """Note what `task.node` says, and name its children in the order of the source."""
        node = task.node
        if isinstance(node, ast.stmt) and task.symbol is None:
            task = self._at_top(task, node)
        if isinstance(node, ast.stmt):
            yield from self._statement(task, node)
        elif isinstance(node, ast.expr):
            yield from self._expression(task, node)
        elif isinstance(node, ast.pattern):
            yield from self._pattern(task, node)
        else:
            yield from self._children(task)

    def _at_top(self, task: _Task, node: ast.stmt) -> _Task:
        symbol = _symbol(node)
        if symbol.startswith("<line"):  # part of what it changes, and of what importing the module does
            self.module.joined += [(_root(getattr(node, "targets", [node])[0]), symbol), (BODY, symbol)]
        if not isinstance(node, ast.If | ast.Try | ast.TryStar | ast.With | ast.For | ast.While | ast.Match):
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            self.module.spans.append((first, node.end_lineno or node.lineno, symbol))
            return task._replace(symbol=symbol)
        return task

    def _children(self, task: _Task, *skipped: str) -> Iterator[_Task]:
        for name, value in ast.iter_fields(task.node):
            if name not in skipped:
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, ast.AST):
                        yield task.to(child)

    def _block(self, task: _Task, nodes: Sequence[ast.AST], **changes: object) -> Iterator[_Task]:
        for node in nodes:
            yield task.to(node)._replace(**changes)  # type: ignore[arg-type] # fields of _Task, by name

    # Statements

    def _statement(self, task: _Task, node: ast.stmt) -> Iterator[_Task]:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from self._function(task, node)
            case ast.ClassDef():
                yield from self._class(task, node)
            case ast.Import() | ast.ImportFrom():
                self._import(task, node)
            case ast.Assign():
                for target in node.targets:
                    yield from self._assign(task, target, "value", node.value)
                yield task.to(node.value)
            case ast.AnnAssign():
                yield from self._annotation(task, node.annotation)
                if node.value is not None:
                    yield from self._assign(task, node.target, "value", node.value)
                    yield task.to(node.value)
            case ast.AugAssign():
                yield from self._assign(task, node.target, "unknown", node.value)
                yield task.to(node.value)
            case ast.For() | ast.AsyncFor():
                yield task.to(node.iter)
                yield from self._assign(task._replace(certain=False), node.target, "element", node.iter)
                yield from self._block(task, [*node.body, *node.orelse], certain=False)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    yield task.to(item.context_expr)
                    if item.optional_vars is not None:
                        yield from self._assign(task, item.optional_vars, "unknown", item.context_expr)
                yield from self._block(task, node.body)
            case ast.If():
                yield from self._if(task, node)
            case ast.Match():
                yield task.to(node.subject)
                yield from self._block(task, node.cases, certain=False)
            case ast.Return():
                if node.value is not None:
                    if task.scope.definition is not None:
                        task.scope.definition.returns.append((node.value, task.scope))
                    yield task.to(node.value)
            case ast.Global() | ast.Nonlocal():
                self._elsewhere(task, node)
            case ast.Delete():
                pass
            case _ if type(node).__name__ == "TypeAlias":  # Python 3.12
                yield from self._annotation(task, getattr(node, "value"))  # noqa: B009 - unknown to mypy on 3.11
            case _:
                yield from (child._replace(certain=False) for child in self._children(task))

    def _if(self, task: _Task, node: ast.If) -> Iterator[_Task]:
        yield task.to(node.test)
        asleep, symbol = task.asleep, task.symbol
        if "TYPE_CHECKING" in (getattr(node.test, "id", ""), getattr(node.test, "attr", "")):
            asleep = node.test
        if task.scope is self.module.scope and symbol is None and _is_main(node.test):
            symbol = MAIN
        yield from self._block(task, node.body, certain=False, asleep=asleep, symbol=symbol)
        yield from self._block(task, node.orelse, certain=False)

    def _elsewhere(self, task: _Task, node: ast.Global | ast.Nonlocal) -> None:
        scope = self.module.scope
        if isinstance(node, ast.Nonlocal) and task.scope.parent is not None:
            scope = task.scope.parent
        for name in node.names:
            task.scope.elsewhere[name] = scope

    def _import(self, task: _Task, node: ast.Import | ast.ImportFrom) -> None:
        base = ""
        if isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name == "*":
                self.module.stars.append((base, node.lineno))
            elif isinstance(node, ast.ImportFrom):
                name = alias.asname or alias.name
                binding = Binding("from", task.scope, task.certain, target=base, member=alias.name)
                self._bind(task._replace(symbol=name), name, binding)
            else:
                target = alias.name if alias.asname else alias.name.partition(".")[0]
                name = alias.asname or target
                binding = Binding("import", task.scope, task.certain, target=target)
                self._bind(task._replace(symbol=name), name, binding)
        self._site(task, node)

    def _function(self, task: _Task, node: Function) -> Iterator[_Task]:
        yield from self._block(task, node.decorator_list)
        definition = self._define(task, node.name, node)
        self._bind(task, node.name, Binding("definition", task.scope, task.certain, definition=definition))
        inner = Scope("function", task.scope, self.module, definition)
        yield from self._arguments(task, node.args, inner, _first_argument(task.scope, node))
        if node.returns is not None:
            yield from self._annotation(task, node.returns)
        yield from self._block(task, node.body, scope=inner, certain=True)

    def _class(self, task: _Task, node: ast.ClassDef) -> Iterator[_Task]:
        yield from self._block(task, [*node.decorator_list, *node.bases, *(k.value for k in node.keywords)])
        definition = self._define(task, node.name, node)
        self._bind(task, node.name, Binding("definition", task.scope, task.certain, definition=definition))
        inner = Scope("class", task.scope, self.module, definition, names=definition.attributes)
        yield from self._block(task, node.body, scope=inner, certain=True)

    def _define(self, task: _Task, name: str, node: Function | ast.ClassDef | ast.Lambda) -> Definition:
        definition = Definition(name, task.scope, node, task.symbol or BODY)
        self.module.definitions[id(node)] = definition
        return definition

    def _arguments(self, task: _Task, args: ast.arguments, inner: Scope, first: str) -> Iterator[_Task]:
        named = [*args.posonlyargs, *args.args]
        defaults: dict[str, ast.expr] = {}
        for arg, default in zip(reversed(named), reversed(args.defaults), strict=False):
            defaults[arg.arg] = default
        for arg, given in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            if given is not None:
                defaults[arg.arg] = given
        others = [arg for arg in (args.vararg, args.kwarg) if arg is not None]
        for arg in [*named, *args.kwonlyargs, *others]:
            found = inner.names.setdefault(arg.arg, [])
            if arg.annotation is not None:
                yield from self._annotation(task, arg.annotation)
                if arg not in others:
                    found.append(Binding("annotated", task.scope, False, arg.annotation))
            if arg.arg in defaults:
                found.append(Binding("value", task.scope, False, defaults[arg.arg]))
        if named and first:
            kind: Literal["self", "cls"] = "cls" if first == "cls" else "self"
            inner.names[named[0].arg].append(Binding(kind, inner, True, definition=task.scope.definition))
        for default in defaults.values():
            yield task.to(default)

    def _annotation(self, task: _Task, node: ast.expr) -> Iterator[_Task]:
        """Naming a class in an annotation is no use of it; what an annotation computes is."""
        for part in ast.walk(node):
            if isinstance(part, ast.NamedExpr | ast.Call | ast.Lambda):
                yield task.to(node)
                return

    # Names

    def _bind(self, task: _Task, name: str, binding: Binding) -> None:
        scope = task.scope.elsewhere.get(name, task.scope)
        scope.names.setdefault(name, []).append(binding)
        symbol = task.symbol or BODY
        if scope is self.module.scope and symbol not in (name, MAIN):
            self.module.joined.append((name, symbol))

    def _assign(self, task: _Task, target: ast.expr, how: How, value: ast.expr) -> Iterator[_Task]:
        match target:
            case ast.Name():
                self._bind(task, target.id, Binding(how, task.scope, task.certain and how != "unknown", value))
            case ast.Tuple() | ast.List():
                apart = isinstance(value, ast.Tuple | ast.List) and how == "value"
                values = value.elts if apart and isinstance(value, ast.Tuple | ast.List) else []
                starred = any(isinstance(part, ast.Starred) for part in [*target.elts, *values])
                if len(values) != len(target.elts) or starred:
                    values, how = [value] * len(target.elts), "element" if how != "unknown" else how
                for part, own in zip(target.elts, values, strict=True):
                    yield from self._assign(task, part, how, own)
            case ast.Starred():
                yield from self._assign(task, target.value, "value" if how == "element" else how, value)
            case ast.Attribute():
                known = value if how == "value" else None
                self.module.stores.append((target, known, task.scope, task.symbol or BODY))
                yield task._replace(node=target.value, parent=target, judge=None)
            case _:
                yield task.to(target)

    def _pattern(self, task: _Task, node: ast.pattern) -> Iterator[_Task]:
        """`case nn.Linear():` only asks for a class; what is captured is not known."""
        for name in (getattr(node, "name", None), getattr(node, "rest", None)):
            if isinstance(name, str):
                self._bind(task, name, Binding("unknown", task.scope, False))
        yield from (child for child in self._children(task, "cls") if isinstance(child.node, ast.pattern))

    # Expressions

    def _site(self, task: _Task, node: ast.expr | ast.stmt) -> None:
        site = Site(node, task.scope, task.symbol or BODY, task.parent, task.judge, task.asleep)
        self.module.sites.append(site)

    def _expression(self, task: _Task, node: ast.expr) -> Iterator[_Task]:
        match node:
            case ast.Name():
                if isinstance(node.ctx, ast.Load):
                    self._site(task, node)
            case ast.Attribute():
                if isinstance(node.ctx, ast.Load):
                    self._site(task, node)
                yield task.to(node.value)
            case ast.Call():
                self._site(task, node)
                yield task.to(node.func)
                for place, argument in enumerate(node.args):
                    yield task.to(argument, (node.func, place))
                yield from (task.to(keyword.value, (node.func, KEYWORD)) for keyword in node.keywords)
            case ast.Subscript():
                if isinstance(node.ctx, ast.Load):
                    self._site(task, node)
                yield task.to(node.value)
                yield task.to(node.slice, (node.value, INDEX))
            case ast.Tuple() | ast.List():
                yield from (task.to(part, task.judge) for part in node.elts)
            case ast.BinOp(op=ast.BitOr()):
                yield task.to(node.left, task.judge)
                yield task.to(node.right, task.judge)
            case ast.NamedExpr():
                scope = task.scope
                while scope.kind == "function" and scope.definition is None and scope.parent is not None:
                    scope = scope.parent
                binding = Binding("value", task.scope, False, node.value)
                self._bind(task._replace(scope=scope), node.target.id, binding)
                yield task.to(node.value)
            case ast.Lambda():
                definition = self._define(task, "<lambda>", node)
                inner = Scope("function", task.scope, self.module, definition)
                definition.returns.append((node.body, inner))
                yield from self._arguments(task, node.args, inner, "")
                yield task.to(node.body)._replace(scope=inner, certain=True)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                yield from self._comprehension(task, node)
            case _:
                yield from self._children(task)

    def _comprehension(self, task: _Task, node: Comprehension) -> Iterator[_Task]:
        inner = Scope("function", task.scope, self.module)
        self.module.blocks[id(node)] = inner
        for number, part in enumerate(node.generators):
            around = task.scope if number == 0 else inner
            yield task.to(part.iter)._replace(scope=around)
            binding_task = task._replace(scope=inner, certain=False)
            if isinstance(part.target, ast.Name):
                inner.names.setdefault(part.target.id, []).append(Binding("element", around, False, part.iter))
            else:
                yield from self._assign(binding_task, part.target, "unknown", part.iter)
            yield from self._block(task, part.ifs, scope=inner)
        bodies = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        yield from self._block(task, bodies, scope=inner)


def _first_argument(scope: Scope, node: Function) -> str:
    """`self`, `cls` or nothing: what the first argument of `node` stands for."""
    if scope.kind != "class":
        return ""
    decorators = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
    if "staticmethod" in decorators:
        return ""
    return "cls" if "classmethod" in decorators or node.name == "__new__" else "self"


def _symbol(node: ast.stmt) -> str:
    """The top-level name that a statement is part of."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return node.name
        case ast.Import() | ast.ImportFrom():
            first = node.names[0]
            return first.asname or (first.name.partition(".")[0] if first.name != "*" else BODY)
        case ast.Assign(targets=[target, *_]) | ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            changes = isinstance(target, ast.Attribute | ast.Subscript)
            return f"<line {node.lineno}>" if changes else _root(target)
    return BODY


def _root(target: ast.AST) -> str:
    """The variable that an assignment to `target` sets or changes."""
    while True:
        match target:
            case ast.Name():
                return target.id
            case ast.Attribute() | ast.Subscript() | ast.Starred():
                target = target.value
            case ast.AnnAssign() | ast.AugAssign():
                target = target.target
            case ast.Tuple() | ast.List() if target.elts:
                target = target.elts[0]
            case _:
                return BODY


def _is_main(test: ast.expr) -> bool:
    """Whether `test` reads `__name__ == "__main__"`."""
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
        and len(test.ops) == 1
        and isinstance(test.ops[0], ast.Eq)
        and isinstance(test.comparators[0], ast.Constant)
        and test.comparators[0].value == MAIN
    )
