"""Whose line is it: which problem of an assignment a line of the hand-in belongs to.

Top-level names are the nodes of a graph; what one mentions, it reaches. Methods belong to their class. A line is
charged to the problem whose adapters reach its top-level name by the shortest path; of equals the first in the
TOML. So `F.softmax` inside `softmax` costs the problem `softmax`, not the attention that calls it.

What code reaches only because importing a module runs it comes after everything that is reached by name.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from grader.policy.bindings import BODY
from grader.policy.source import Module

Node: TypeAlias = tuple[str, str]
"""A file and a top-level name in it; `<module>` stands for the code that defines none."""

MENTION, IMPORT_NAME, RUN_ON_IMPORT = 1, 0, 1000
DEFINES = MENTION
"""What an adapter itself mentions is a problem's solution, be it an alias of something forbidden."""


@dataclass
class Graph:
    """Which top-level names mention which."""

    edges: dict[Node, dict[Node, int]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, source: Node, target: Node, cost: int = MENTION) -> None:
        """Note that `source` reaches `target`."""
        self.edges[source][target] = min(cost, self.edges[source].get(target, cost))

    def charge(self, modules: Iterable[Module], entry_points: Mapping[str, Iterable[str]]) -> "Owners":
        """Find the nearest problem of every node. `entry_points` are names in `adapters.py` by problem."""
        unread = {module.file for module in modules if module.trouble}
        best: dict[Node, tuple[int, int]] = {}
        for order, names in enumerate(entry_points.values()):
            for node, distance in self._distances([("adapters.py", name) for name in names], unread).items():
                best[node] = min(best.get(node, (distance, order)), (distance, order))
        problems = list(entry_points)
        return Owners({node: (problems[order], distance) for node, (distance, order) in best.items()})

    def _distances(self, starts: list[Node], unread: set[str]) -> dict[Node, int]:
        found: dict[Node, int] = {}
        waiting = [(0, start) for start in starts]
        while waiting:
            distance, node = heapq.heappop(waiting)
            if node[0] in unread:
                node = (node[0], BODY)  # all that is known of such a file is that it is used
            if node in found:
                continue
            found[node] = distance
            reached = {(node[0], BODY): RUN_ON_IMPORT, **self.edges.get(node, {})}
            for target, cost in reached.items():
                if target not in found:
                    heapq.heappush(waiting, (distance + cost, target))
        return found


@dataclass(frozen=True)
class Owners:
    """The problem of each node that some adapter reaches, and how far it is."""

    nearest: Mapping[Node, tuple[str, int]]

    def problem(self, node: Node, alias: Node | None = None) -> str | None:
        """The problem charged for `node`.

        Where it only mentions an `alias` that is itself some problem's solution (`softmax = F.softmax`), that
        problem is charged.
        """
        if alias is not None and self.nearest.get(alias, ("", DEFINES + 1))[1] <= DEFINES:
            node = alias
        found = self.nearest.get(node)
        return None if found is None else found[0]
