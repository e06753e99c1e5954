"""Rotary position embedding: neighbouring coordinates as hands of clocks, each pair with a speed of its own.

`python -m staff.figures.assignment1_basics.rope` draws it again.
"""

import math

from staff.figures.canvas import Canvas, Colour

THETA, D_K = 100.0, 4
START = (30.0, 70.0)  # degrees: where the two hands of the drawn vector point before any rotation
PAIRS: tuple[tuple[str, Colour], ...] = (("x_0 x_1", "blue"), ("x_2 x_3", "orange"))


def speed(pair: int) -> float:
    """Radians that one position turns a pair."""
    return float(THETA ** (-2 * pair / D_K))


def dial(canvas: Canvas, x: float, y: float, radius: float, start: float, turn: float, colour: Colour) -> None:
    """A hand at `start` degrees turned by `turn` radians, with the arc it has swept."""
    canvas.circle(x, y, radius, colour="rule")
    first = math.radians(start)
    if turn:
        canvas.line(
            [(x, y), (x + radius * math.cos(first), y - radius * math.sin(first))],
            colour="muted",
            width=1.1,
            dashed=True,
        )
        arc = [first + turn * i / 24 for i in range(25)]
        inner = radius * 0.42
        canvas.line([(x + inner * math.cos(a), y - inner * math.sin(a)) for a in arc], colour=colour, width=1.6)
    last = first + turn
    canvas.line(
        [(x, y), (x + radius * math.cos(last), y - radius * math.sin(last))],
        colour=colour,
        width=2.4,
        arrow=True,
    )


def draw() -> Canvas:
    """Two rows of dials, a row a pair; the columns are positions."""
    canvas = Canvas(
        860,
        416,
        title="Rotary position embedding",
        text="A vector of four coordinates is two pairs of neighbours. At position i the first pair is "
        "turned by i radians, the second by i tenths of a radian.",
    )
    heading = "One vector, four positions: pair k is turned by i · ω_k"
    canvas.label(30, 34, heading, anchor="start", size=16, bold=True)
    for column in range(4):
        canvas.label(270 + 160 * column, 72, f"i = {column}", size=15, colour="muted")
    for row, (pair, colour) in enumerate(PAIRS):
        y = 150 + 140 * row
        first, second = pair.split()
        canvas.box(30, y - 34, 44, 32, first, colour=colour, size=16)
        canvas.box(74, y - 34, 44, 32, second, colour=colour, size=16)
        canvas.label(30, y + 16, f"k = {row}", anchor="start", size=14)
        canvas.label(30, y + 38, f"ω = 100^(−{2 * row}/4) = {speed(row):g}", anchor="start", size=14)
        for column in range(4):
            turn = column * speed(row)
            dial(canvas, 270 + 160 * column, y, 52, START[row], turn, colour)
            canvas.label(270 + 160 * column, y + 68, f"+ {turn:.1f} rad", size=13, colour=colour)
    law = "Lengths never change. Of positions m and n, a dot product sees only the angles (m − n) · ω_k."
    canvas.label(30, 392, law, anchor="start", size=14, colour="muted")
    return canvas


if __name__ == "__main__":
    print(draw().write("assignment1_basics/rope"))
