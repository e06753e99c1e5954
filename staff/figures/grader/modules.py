"""The parts of the grader and what each imports, drawn from the sources.

`python -m staff.figures.grader.modules` draws it again. An arrow that a longer way says already is left out.
"""

from grader.tests.module_graph import parts
from staff.figures.canvas import Canvas, Colour
from staff.figures.grader.layers import layout, reduced

COLOURS: dict[Colour, tuple[str, ...]] = {
    "blue": ("cli", "server", "leaderboard", "pytest_plugin"),
    "orange": ("worker", "guard", "tripwires"),
    "purple": ("sandbox", "submission", "wire"),
    "green": ("report", "export", "gradebook", "scoring"),
}
MEANING: dict[Colour, str] = {
    "blue": "people begin here",
    "orange": "runs beside student code",
    "purple": "the boundary between the two",
    "green": "points, grades, reports",
}
HIDDEN = ("__main__", "version", "errors")
"""Everybody may import these; their arrows would say nothing."""
LETTER, HEIGHT, STEP, MARGIN, GAP = 6.9, 30.0, 78.0, 30.0, 16.0


def draw() -> Canvas:
    """The parts in rows: whoever imports stands above what it imports."""
    graph = {part: targets - set(HIDDEN) for part, targets in parts().items() if part not in HIDDEN}
    graph = reduced(graph)
    widths = {part: LETTER * len(part) + 22 for part in graph}
    found = layout(graph, widths, GAP)
    rows = max(found.rows.values()) + 1
    canvas = Canvas(
        round(found.width + 2 * MARGIN),
        round(rows * STEP + 2 * MARGIN + 20),
        title="The parts of the grader",
        text="An arrow goes from a part to one that it imports. " + " ".join(
            f"{part} imports {', '.join(sorted(targets))}." for part, targets in sorted(graph.items()) if targets
        ),
    )  # fmt: skip

    def y(row: float) -> float:
        return MARGIN + row * STEP

    for _, corners in sorted(found.arrows.items()):
        points = []
        for number, (row, place) in enumerate(corners):
            x = MARGIN + place
            if number == 0:
                points += [(x, y(row) + HEIGHT)]
            elif number == len(corners) - 1:
                points += [(x, y(row) - 2)]
            else:
                points += [(x, y(row) - 4), (x, y(row) + HEIGHT + 4)]
        canvas.line(points, colour="muted", width=1.1, arrow=True)
    for part, row in sorted(found.rows.items()):
        x = MARGIN + found.places[part] - widths[part] / 2
        colour = next((colour for colour, names in COLOURS.items() if part in names), "ink")
        canvas.box(x, y(row), widths[part], HEIGHT, part, colour=colour, size=11.5, mono=True)
    x = MARGIN
    for colour, words in MEANING.items():
        canvas.box(x, rows * STEP + MARGIN, 14, 14, colour=colour, radius=3)
        canvas.label(x + 21, rows * STEP + MARGIN + 7, words, size=12, anchor="start", colour="muted")
        x += 46 + 6.4 * len(words)
    return canvas


if __name__ == "__main__":
    print(draw().write("grader/modules"))
