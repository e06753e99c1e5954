"""The source check of one hand-in: files, names, sites, attribution, result.

Covered: the names a hand-in writes, through aliases, imports, star imports, class attributes, `getattr`, `vars`,
`__dict__`, `sys.modules`, `import_module`, `attrgetter` and joined strings. Not covered: names made from decoded or
computed strings, objects passed as arguments or kept in containers that are filled later, code in data files. Those
are what the run-time guard is for; a call it cannot name is reported where the namespace is one that is closed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from grader.findings import Finding
from grader.policy.attribution import Graph, Owners
from grader.policy.bindings import BODY
from grader.policy.check import Check, Suspect
from grader.policy.files import read_modules
from grader.policy.layout import Layout
from grader.policy.names import Names, TooMuch
from grader.policy.result import AliasUse, ScanResult, Span, shortened
from grader.policy.rules import Policy
from grader.policy.source import Module

UNCHECKED, UNREADABLE = "unchecked-source", "unreadable-source"
END = 10**9  # beyond any line


def scan(
    tree: Path,
    policy: Policy,
    entry_points: Mapping[str, Iterable[str]],
    staff_owned: Iterable[str] = (),
    *,
    known_bad: Mapping[str, str] | None = None,
    progress: Callable[[str], None] = lambda file: None,
) -> ScanResult:
    """Check the student-owned Python files of `tree`, the assignment's folder with a hand-in laid over it.

    Parses a stranger's text in this process; `scan_in_process` is the way to do so with limits. `entry_points` are
    the adapters of each problem, in the order of the TOML. `known_bad` are files to leave out, with the reason.
    """
    modules = read_modules(tree, staff_owned, known_bad or {}, progress)
    names = Names(Layout(modules, tree.name, policy), policy)
    check = Check(names, policy, modules)
    suspects: list[Suspect] = []

    def look(module: Module) -> None:
        suspects.extend(check.module(module))

    for step in (names.spread_stores, look):
        for module in modules:
            progress(module.file)
            names.begin()
            try:
                step(module)
            except (TooMuch, RecursionError, MemoryError) as error:
                module.trouble = f"its names cannot be followed ({error or type(error).__name__})"
    suspects += [_unread(module) for module in modules if module.trouble]
    return _result(modules, suspects, check.graph, entry_points)


def failed(why: str) -> ScanResult:
    """The result where no file could be checked."""
    message = f"the source could not be checked: {why}; expected files that a reader could follow"
    return ScanResult((Finding("policy", None, ".", 0, UNCHECKED, message),))


def _unread(module: Module) -> Suspect:
    rule = UNCHECKED if module.importable else UNREADABLE
    message = f"{module.file} could not be checked: {module.trouble}"
    return Suspect("policy", (module.file, BODY), 1, 1, module.file, rule, message)


def _result(
    modules: list[Module], suspects: list[Suspect], graph: Graph, entry_points: Mapping[str, Iterable[str]]
) -> ScanResult:
    owners = graph.charge(modules, entry_points)
    findings = [_finding(suspect, owners) for suspect in suspects]
    uses = [
        AliasUse(s.node[0], s.line, s.last_line, s.name, owners.problem(s.node, s.alias))
        for s in suspects
        if s.kind == "policy" and s.alias is not None
    ]
    spans = [span for module in modules for span in _spans(module, owners)]
    return ScanResult(shortened(findings), tuple(spans), tuple(dict.fromkeys(uses)))


def _finding(suspect: Suspect, owners: Owners) -> Finding:
    problem = owners.problem(suspect.node, suspect.alias)
    message = suspect.message
    if suspect.kind == "integrity" or suspect.rule == UNREADABLE:
        problem = None  # what Python cannot import loses its tests anyway
    elif problem is None:
        message += " (no adapter reaches it)"
    return Finding(suspect.kind, problem, suspect.node[0], suspect.line, suspect.rule, message)


def _spans(module: Module, owners: Owners) -> list[Span]:
    found: list[Span] = []
    for first, last, symbol in module.spans:
        span = Span(module.file, first, last, owners.problem((module.file, symbol)))
        if found and found[-1].problem == span.problem:
            span = replace(found.pop(), last=last)
        found.append(span)
    return [*found, Span(module.file, 1, END, owners.problem((module.file, BODY)))]
