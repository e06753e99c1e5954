"""The lines that a pair's page shows: passages that lie close together in both hand-ins, taken as one, side by side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.report.text import shown
from grader.similarity.passages import Passage, Span
from grader.similarity.tokens import split_lines

CLOSE = 3
"""So many lines that differ may lie between two passages shown as one."""
LONGEST_LINE = 400
MOST_LINES = 150
MOST_EXCERPTS = 80


@dataclass(frozen=True)
class Line:
    """One line of a hand-in. `alike`: it is in a passage, and not between two."""

    number: int
    text: str
    alike: bool


@dataclass(frozen=True)
class Side:
    """A stretch of one hand-in's file; `more` lines at its end are not shown."""

    span: Span
    lines: tuple[Line, ...]
    more: int


@dataclass(frozen=True)
class Excerpt:
    """Two stretches with their likeness."""

    a: Side
    b: Side
    tokens: int


def excerpts(passages: Sequence[Passage], a: Mapping[str, str], b: Mapping[str, str]) -> tuple[list[Excerpt], int]:
    """What to show of `passages` (texts by file name in `a` and `b`), the longest first; and how many more there are."""
    groups = sorted(_together(passages), key=lambda group: -sum(passage.tokens for passage in group))
    lines_a, lines_b = ({name: split_lines(text) for name, text in each.items()} for each in (a, b))
    found = [
        Excerpt(
            _side([passage.a for passage in group], lines_a),
            _side([passage.b for passage in group], lines_b),
            sum(passage.tokens for passage in group),
        )
        for group in groups[:MOST_EXCERPTS]
    ]
    return found, len(groups) - len(found)


def _together(passages: Sequence[Passage]) -> Iterator[list[Passage]]:
    group: list[Passage] = []
    for passage in passages:
        if group and not (_follows(group[-1].a, passage.a) and _follows(group[-1].b, passage.b)):
            yield group
            group = []
        group.append(passage)
    if group:
        yield group


def _follows(before: Span, after: Span) -> bool:
    return before.file == after.file and before.first <= after.first and after.first - before.last <= CLOSE + 1


def _side(spans: Sequence[Span], texts: Mapping[str, list[str]]) -> Side:
    whole = Span(spans[0].file, spans[0].first, max(span.last for span in spans))
    alike = {number for span in spans for number in range(span.first, span.last + 1)}
    last = min(whole.last, whole.first + MOST_LINES - 1)
    text = texts[whole.file]
    lines = [
        Line(number, shown(text[number - 1], LONGEST_LINE), number in alike) for number in range(whole.first, last + 1)
    ]
    return Side(whole, tuple(lines), whole.last - last)
