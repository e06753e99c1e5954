"""Attention by tiles: which tiles of scores a causal pass visits, and what each program keeps.

`python -m staff.figures.assignment2_systems.attention_tiles` draws it again.
"""

from staff.figures.canvas import Canvas, Colour

TILES = 5
SIDE = 52
LEFT, TOP = 118, 116


def kind(row: int, column: int) -> Colour:
    """Whether a tile lies below the diagonal, on it, or is hidden by the mask."""
    if column < row:
        return "blue"
    return "orange" if column == row else "rule"


def draw() -> Canvas:
    """The scores in tiles with q beside and k and v above; on the right, one row and one column of them."""
    canvas = Canvas(
        860,
        470,
        title="Attention by tiles",
        text="Scores form a square of tiles, a row a tile of queries, a column a tile of keys. A causal forward pass visits "
        "those on and below the diagonal. A program goes along a row with a running maximum, sum and output; in the "
        "backward pass others go down a column for the gradients of keys and values.",
    )
    canvas.label(30, 34, "The scores, a tile at a time; never all of them", anchor="start", size=16, bold=True)
    for tile in range(TILES):
        canvas.box(LEFT - 70, TOP + SIDE * tile, 44, SIDE - 5, f"Q_{tile}", colour="green", size=14)
        canvas.box(LEFT + SIDE * tile, TOP - 50, SIDE - 5, 36, f"K_{tile} V_{tile}", colour="purple", size=13)
        for column in range(TILES):
            canvas.box(
                LEFT + SIDE * column,
                TOP + SIDE * tile,
                SIDE - 5,
                SIDE - 5,
                colour=kind(tile, column),
                dashed=column > tile,
                radius=3,
            )
    chosen = 3
    middle = TOP + SIDE * chosen + (SIDE - 5) / 2
    canvas.line([(LEFT + 6, middle), (LEFT + SIDE * chosen + SIDE - 12, middle)], width=2.4, arrow=True)
    across = LEFT + SIDE + (SIDE - 5) / 2
    canvas.line(
        [(across, TOP + SIDE + 6), (across, TOP + SIDE * TILES - 10)],
        width=2.4,
        arrow=True,
        colour="purple",
        dashed=True,
    )

    x = 430
    canvas.label(x, TOP - 34, "A program for Q_3 goes along its row, and keeps", anchor="start", size=14, bold=True)
    kept = (
        ("m", "the largest score of each row so far"),
        ("l", "the sum of exp(score − m)"),
        ("O", "the sum of exp(score − m) · V"),
    )
    for place, (name, words) in enumerate(kept):
        y = TOP - 6 + 36 * place
        canvas.box(x, y, 34, 28, name, colour="green", size=14)
        canvas.label(x + 46, y + 14, words, anchor="start", size=14)
    canvas.label(x, TOP + 116, "A larger m makes l and O smaller, by exp(m_old − m_new).", anchor="start", size=14)
    canvas.label(x, TOP + 140, "At the end it writes O / l, and L = m + log l.", anchor="start", size=14)
    canvas.label(x, TOP + 182, "Backward, a program goes down a column", anchor="start", size=14, bold=True)
    canvas.label(x, TOP + 206, "for dK_1 and dV_1, another along each row for dQ;", anchor="start", size=14)
    canvas.label(x, TOP + 230, "both make the weights again, as exp(score − L).", anchor="start", size=14)

    y = TOP + SIDE * TILES + 28
    legend: tuple[tuple[Colour, str], ...] = (
        ("blue", "visited, no mask"),
        ("orange", "visited, masked"),
        ("rule", "hidden by the causal mask, skipped"),
    )
    x = LEFT - 70
    for colour, words in legend:
        canvas.box(x, y, 20, 20, colour=colour, radius=3, dashed=colour == "rule")
        canvas.label(x + 30, y + 10, words, anchor="start", size=13)
        x += 62 + 7 * len(words)
    canvas.label(
        LEFT - 70,
        y + 44,
        "Beside the tensors that go in and out, one tile of scores and the running m, l and O are all that a program needs.",
        anchor="start",
        size=13,
        colour="muted",
    )
    return canvas


if __name__ == "__main__":
    print(draw().write("assignment2_systems/attention_tiles"))
