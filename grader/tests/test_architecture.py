"""The architecture's picture is drawn from the sources as they are, and says the truth."""

import itertools
from pathlib import Path

import pytest

from grader.tests.module_graph import parts, reached
from staff.figures.grader.layers import layout, reduced
from staff.figures.grader.modules import COLOURS, HIDDEN, draw

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "figures" / "grader" / "modules.svg"
DIAMOND = {"top": {"left", "right", "foot"}, "left": {"foot"}, "right": {"foot"}, "foot": set()}


def test_the_stored_picture_is_what_the_sources_give():
    assert PICTURE.read_text(encoding="utf-8") == draw().svg(), (
        "docs/figures/grader/modules.svg is out of date; draw it again: python -m staff.figures.grader.modules"
    )


def test_every_part_is_in_the_picture_and_every_colour_is_of_a_part():
    text = PICTURE.read_text(encoding="utf-8")
    assert all(f">{part}</text>" in text for part in parts().keys() - set(HIDDEN))
    assert {name for names in COLOURS.values() for name in names} <= parts().keys()


def test_an_arrow_that_a_longer_way_says_is_left_out_and_no_other():
    assert reduced(DIAMOND) == {"top": {"left", "right"}, "left": {"foot"}, "right": {"foot"}, "foot": set()}


def test_what_the_picture_shows_reaches_as_far_as_the_imports():
    graph = reduced(parts())
    for part in parts():
        found, todo = set(), [part]
        while todo:
            name = todo.pop()
            todo += graph[name] - found
            found |= graph[name]
        modules = {name.split(".")[1] for start in _modules(part) for name in reached(start) if "." in name}
        assert modules - {part} <= found - {part}, part


def _modules(part):
    from grader.tests.module_graph import GRAPH

    return [name for name in GRAPH if name.split(".")[1:2] == [part]]


@pytest.mark.parametrize("graph", [DIAMOND, reduced(parts())])
def test_arrows_go_down_and_boxes_stand_apart(graph):
    widths = dict.fromkeys(graph, 40.0)
    found = layout(graph, widths, 10)
    assert all(found.rows[target] > found.rows[node] for node in graph for target in graph[node])
    for row in set(found.rows.values()):
        places = sorted(place for node, place in found.places.items() if found.rows[node] == row)
        assert all(right - left >= 50 - 1e-6 for left, right in itertools.pairwise(places))
    for (tail, head), corners in found.arrows.items():
        for row, place in corners[1:-1]:
            others = [found.places[node] for node in graph if found.rows[node] == row]
            assert all(abs(place - other) > 20 for other in others), (tail, head)
