"""The learning-rate schedule of the worked example: linear warm-up, half a cosine, a floor.

`python -m staff.figures.assignment1_basics.lr_schedule` draws it again.
"""

import math

from staff.figures.canvas import Canvas, Colour, Point

HIGH, LOW, WARMUP, CYCLE, LAST = 6e-4, 6e-5, 100, 500, 620

LEFT, RIGHT, TOP, BOTTOM = 92.0, 730.0, 54.0, 272.0


def rate(step: float) -> float:
    """The curve's height at `step`."""
    if step < WARMUP:
        return HIGH * step / WARMUP
    if step > CYCLE:
        return LOW
    return LOW + (HIGH - LOW) * (1 + math.cos(math.pi * (step - WARMUP) / (CYCLE - WARMUP))) / 2


def place(step: float, value: float) -> Point:
    """Where a value of the schedule lies on the page."""
    return LEFT + (RIGHT - LEFT) * step / LAST, BOTTOM - (BOTTOM - TOP) * value / HIGH


def draw() -> Canvas:
    """The curve over its three phases."""
    canvas = Canvas(
        780,
        340,
        title="Learning-rate schedule",
        text=f"The rate rises linearly from 0 to {HIGH} over {WARMUP} steps, falls along half a cosine to "
        f"{LOW} at step {CYCLE}, and stays there.",
    )
    for value, name in ((HIGH, "α_max"), ((HIGH + LOW) / 2, "midway"), (LOW, "α_min")):
        x, y = place(0, value)
        canvas.line([(x, y), (RIGHT, y)], colour="rule", dashed=True, width=1)
        canvas.label(x - 10, y, name, anchor="end", colour="muted", size=14, italic=name != "midway")
    for step, name in ((WARMUP, "T_w = 100"), ((WARMUP + CYCLE) / 2, "300"), (CYCLE, "T_c = 500")):
        x, _ = place(step, 0)
        canvas.line([(x, TOP), (x, BOTTOM)], colour="rule", dashed=True, width=1)
        canvas.label(x, BOTTOM + 20, name, colour="muted", size=14)
    canvas.label(LEFT, BOTTOM + 20, "0", colour="muted", size=14)
    phases: tuple[tuple[int, int, str, Colour], ...] = (
        (0, WARMUP, "warm-up", "orange"),
        (WARMUP, CYCLE, "half a cosine", "blue"),
        (CYCLE, LAST, "floor", "green"),
    )
    for start, stop, name, colour in phases:
        middle = place((start + stop) / 2, 0)[0]
        canvas.label(middle, TOP - 22, name, colour=colour, size=15, bold=True)
        steps = [start + (stop - start) * i / 60 for i in range(61)]
        canvas.line([place(step, rate(step)) for step in steps], colour=colour, width=3)
    canvas.line([(LEFT, TOP - 6), (LEFT, BOTTOM), (RIGHT + 8, BOTTOM)], width=1.4)
    for step in (0, WARMUP // 2, WARMUP, (WARMUP + CYCLE) // 2, CYCLE):
        canvas.circle(*place(step, rate(step)), 4.5, colour="ink", solid=True)
    canvas.label((LEFT + RIGHT) / 2, BOTTOM + 46, "step t", size=14)
    return canvas


if __name__ == "__main__":
    print(draw().write("assignment1_basics/lr_schedule"))
