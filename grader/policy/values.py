"""What an expression of a hand-in may stand for, as far as reading the source tells.

`Names.values` gives a set of these; an empty set means that nothing is known.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from grader.policy.rules import LONGEST_NAME
from grader.policy.source import Definition, Module


@dataclass(frozen=True)
class External:
    """Something outside the hand-in, by its dotted name: `torch.nn.functional`, `builtins.getattr`."""

    name: str


@dataclass(frozen=True)
class Unnamed:
    """A member of the external `namespace` whose name only running the code would tell."""

    namespace: str


@dataclass(frozen=True)
class Defined:
    """A function or class of the hand-in."""

    definition: Definition


@dataclass(frozen=True)
class Instance:
    """An object: of a class of the hand-in, or of an external class or factory by its dotted name."""

    of: Definition | str


@dataclass(frozen=True)
class OwnModule:
    """A module of the hand-in."""

    module: Module


@dataclass(frozen=True)
class Members:
    """The dictionary of a namespace: `vars(torch)`, `torch.__dict__`, `globals()`."""

    of: External | OwnModule


@dataclass(frozen=True)
class Group:
    """A list, tuple, set or the values of a dictionary; neither order nor nesting is kept."""

    members: frozenset["Value"]


@dataclass(frozen=True)
class Text:
    """A string that is known."""

    value: str


@dataclass(frozen=True)
class Getter:
    """`operator.attrgetter(path)`; the path is None where it is not known."""

    path: str | None


Value: TypeAlias = External | Unnamed | Defined | Instance | OwnModule | Members | Group | Text | Getter
Values: TypeAlias = frozenset[Value]
NOTHING: Values = frozenset()
TENSOR = Instance("torch.Tensor")
MOST_VALUES = 24


def union(parts: Iterable[Values]) -> Values:
    """All that any of `parts` holds, up to a bound."""
    found: set[Value] = set()
    for part in parts:
        found |= part
        if len(found) > 4 * MOST_VALUES:
            break
    return frozenset(found)


def external(name: str) -> Values:
    """The external thing of this dotted name; nothing where the name is none."""
    return frozenset((External(name),)) if len(name) <= LONGEST_NAME and is_dotted(name) else NOTHING


def is_dotted(name: str) -> bool:
    """Whether `name` is identifiers joined by dots."""
    return all(part.isidentifier() for part in name.split("."))


def texts(found: Iterable[str]) -> Values:
    """Known strings, none of them long."""
    return frozenset(Text(text) for text in found if len(text) <= LONGEST_NAME)


def strings(values: Values) -> list[str]:
    """The known strings among `values`, sorted; none when one is not a string."""
    found = [value.value for value in values if isinstance(value, Text)]
    return sorted(found)[:MOST_VALUES] if len(found) == len(values) else []


def group(values: Values) -> Values:
    """A container of `values`."""
    found: set[Value] = set()
    for value in values:
        found |= value.members if isinstance(value, Group) else {value}
    return frozenset((Group(frozenset(found)),))


def members(values: Values) -> Values:
    """What iterating over `values` gives, at any depth."""
    found: set[Value] = set()
    for value in values:
        if isinstance(value, Group):
            found |= {*value.members, value}
        elif isinstance(value, Unnamed):
            found.add(value)
    return frozenset(found)


def instances(classes: Values) -> Values:
    """Objects of `classes`."""
    found: set[Value] = set()
    for value in classes:
        if isinstance(value, Defined) and value.definition.is_class:
            found.add(Instance(value.definition))
        elif isinstance(value, External):
            found.add(Instance(value.name))
    return frozenset(found)
