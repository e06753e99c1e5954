"""A graph without cycles in rows: every arrow goes down, rows are ordered so that few arrows cross, none passes a box.

The usual steps (Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures", 1981):
a row for each node, a stand-in in each row that an arrow passes, an order by the mean place of the neighbours, places.
The result depends on the graph alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 40
Graph = Mapping[str, set[str]]


@dataclass(frozen=True)
class Layout:
    """Where nodes and arrows are: `rows` of a node's number, `places` of its middle; each arrow's corners from its tail
    to its head as (row, place)."""

    rows: Mapping[str, int]
    places: Mapping[str, float]
    arrows: Mapping[tuple[str, str], Sequence[tuple[int, float]]]
    width: float


def reduced(graph: Graph) -> dict[str, set[str]]:
    """The graph without arrows that a longer way says already."""
    below: dict[str, set[str]] = {}

    def reach(node: str) -> set[str]:
        if node not in below:
            below[node] = set().union(*({target} | reach(target) for target in graph[node]))
        return below[node]

    return {
        node: {t for t in targets if not any(t in reach(other) for other in targets if other != t)}
        for node, targets in graph.items()
    }


def layout(graph: Graph, widths: Mapping[str, float], gap: float) -> Layout:
    """The layout of a graph whose nodes are `widths` wide and stand at least `gap` apart; a stand-in has no width."""
    rows = _rows(graph)
    chains = {
        (tail, head): [tail, *(f"{tail}>{head}>{row}" for row in range(rows[tail] + 1, rows[head])), head]
        for tail in sorted(graph)
        for head in sorted(graph[tail])
    }
    lines: list[list[str]] = [[] for _ in range(max(rows.values()) + 1)]
    for node in sorted(graph):
        lines[rows[node]].append(node)
    up: dict[str, list[str]] = {}
    down: dict[str, list[str]] = {}
    for (tail, _), chain in chains.items():
        for step, node in enumerate(chain[1:-1], 1):
            lines[rows[tail] + step].append(node)
        for above, under in pairwise(chain):
            down.setdefault(above, []).append(under)
            up.setdefault(under, []).append(above)
    _order(lines, up, down)
    places = _places(lines, up, down, widths, gap)
    left = min(places[node] - widths.get(node, 0) / 2 for node in places)
    places = {node: place - left for node, place in places.items()}
    return Layout(
        rows,
        {node: places[node] for node in graph},
        {ends: [(rows[ends[0]] + i, places[node]) for i, node in enumerate(c)] for ends, c in chains.items()},
        max(places[node] + widths.get(node, 0) / 2 for node in places),
    )


def _rows(graph: Graph) -> dict[str, int]:
    """Each node one row above the highest it points to; the top row is 0."""
    height: dict[str, int] = {}

    def measure(node: str) -> int:
        if node not in height:
            height[node] = 1 + max((measure(target) for target in graph[node]), default=-1)
        return height[node]

    top = max(measure(node) for node in graph)
    return {node: top - height[node] for node in graph}


def _order(lines: list[list[str]], up: Mapping[str, list[str]], down: Mapping[str, list[str]]) -> None:
    best, fewest = [list(line) for line in lines], _crossings(lines, down)
    for sweep in range(SWEEPS):
        downwards = sweep % 2 == 0
        neighbours = up if downwards else down
        numbers = range(1, len(lines)) if downwards else range(len(lines) - 2, -1, -1)
        for number in numbers:
            other = lines[number - 1] if downwards else lines[number + 1]
            at = {node: place / max(1, len(other) - 1) for place, node in enumerate(other)}
            own = {node: place / max(1, len(lines[number]) - 1) for place, node in enumerate(lines[number])}
            lines[number].sort(key=lambda node: _mean([at[n] for n in neighbours.get(node, ())], own[node]))
        count = _crossings(lines, down)
        if count < fewest:
            best, fewest = [list(line) for line in lines], count
    lines[:] = best


def _crossings(lines: list[list[str]], down: Mapping[str, list[str]]) -> int:
    count = 0
    for above, under in pairwise(lines):
        at = {node: place for place, node in enumerate(under)}
        ends = [sorted(at[target] for target in down.get(node, ())) for node in above]
        passed: list[int] = []
        for targets in ends:
            count += sum(before > target for target in targets for before in passed)
            passed += targets
    return count


def _places(
    lines: list[list[str]], up: Mapping[str, list[str]], down: Mapping[str, list[str]], widths: Mapping[str, float],
    gap: float,
) -> dict[str, float]:  # fmt: skip
    """Every node as near to the mean of its neighbours as the order and the gaps allow, in sweeps."""

    def apart(left: str, right: str) -> float:
        room = gap if left in widths or right in widths else gap / 2
        return (widths.get(left, 0) + widths.get(right, 0)) / 2 + room

    places: dict[str, float] = {}
    for line in lines:
        at = 0.0
        for before, node in zip([None, *line], line, strict=False):
            at += apart(before, node) if before else 0.0
            places[node] = at
        for node in line:
            places[node] -= at / 2
    for sweep in range(SWEEPS):
        weight = 0.5 if sweep < SWEEPS - 4 else 1.0
        for line in lines if sweep % 2 else reversed(lines):
            wanted = [
                places[n]
                + weight * (_mean([places[m] for m in [*up.get(n, ()), *down.get(n, ())]], places[n]) - places[n])
                for n in line
            ]
            for node, place in zip(line, _spread(line, wanted, apart), strict=True):
                places[node] = place
    return places


def _spread(line: Sequence[str], wanted: Sequence[float], apart: Callable[[str, str], float]) -> list[float]:
    """The places nearest to the wanted ones, in least squares, that keep order and distance: neighbours that would
    overlap are pooled."""
    offsets = [0.0]
    for left, right in pairwise(line):
        offsets.append(offsets[-1] + apart(left, right))
    pools: list[tuple[float, int]] = []
    for value in (want - offset for want, offset in zip(wanted, offsets, strict=True)):
        pools.append((value, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, n), (b, m) = pools[-2:]
            pools[-2:] = [((a * n + b * m) / (n + m), n + m)]
    spread = [mean for mean, count in pools for _ in range(count)]
    return [value + offset for value, offset in zip(spread, offsets, strict=True)]


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
