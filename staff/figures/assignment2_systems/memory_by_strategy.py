"""What a rank keeps of the xl model's training state, by the number of ranks, for three ways to divide it.

`python -m staff.figures.assignment2_systems.memory_by_strategy` draws it again.
"""

import math

from staff.figures.canvas import Canvas, Colour, Point

PARAMETERS, REPLICATED = 3_406_809_600, 166_400
RANKS = (1, 2, 4, 8, 16, 32, 64)
MOST = 60.0

LEFT, RIGHT, TOP, BOTTOM = 86.0, 600.0, 58.0, 292.0


def divided(numbers: int, ranks: int) -> int:
    """The largest share."""
    return -(-numbers // ranks)


def gigabytes(strategy: str, ranks: int) -> float:
    """Parameters, gradients and moments on the rank that has the most."""
    if strategy == "ddp":
        count = 16 * PARAMETERS
    elif strategy == "sharded optimizer":
        count = 8 * PARAMETERS + 8 * divided(PARAMETERS, ranks)
    else:
        count = 16 * (divided(PARAMETERS - REPLICATED, ranks) + REPLICATED)
    return count / 1e9


def place(ranks: int, size: float) -> Point:
    """Where a size lies on the page; ranks by their logarithm."""
    share = math.log2(ranks) / math.log2(RANKS[-1])
    return LEFT + (RIGHT - LEFT) * share, BOTTOM - (BOTTOM - TOP) * size / MOST


def draw() -> Canvas:
    """Three lines, with what they tend to at their ends."""
    canvas = Canvas(
        780,
        364,
        title="Training state of the xl model on each rank",
        text="Plain data parallelism keeps 54.5 GB on every rank. The sharded optimizer keeps 40.9 GB on two ranks "
        "and tends to 27.3. Full sharding keeps 27.3 GB on two ranks and tends to nothing.",
    )
    canvas.label((LEFT + RIGHT) / 2, 28, "parameters, gradients and moments of 3.4 · 10⁹ parameters, float32", size=14)
    for size in (0, 20, 40, 60):
        x, y = place(1, size)
        canvas.line([(x, y), (RIGHT, y)], colour="rule", dashed=size > 0, width=1)
        canvas.label(x - 10, y, f"{size} GB", anchor="end", colour="muted", size=13)
    strategies: tuple[tuple[str, Colour], ...] = (
        ("ddp", "orange"),
        ("sharded optimizer", "purple"),
        ("fully sharded", "blue"),
    )
    for strategy, colour in strategies:
        points = [place(ranks, gigabytes(strategy, ranks)) for ranks in RANKS]
        canvas.line(points, colour=colour, width=2.6)
        for x, y in points:
            canvas.circle(x, y, 4, colour=colour, solid=True)
        x, y = points[-1]
        canvas.label(x + 14, y, strategy, anchor="start", colour=colour, size=14, bold=True)
    canvas.line([(LEFT, TOP - 6), (LEFT, BOTTOM), (RIGHT + 8, BOTTOM)], width=1.4)
    for ranks in RANKS:
        canvas.label(place(ranks, 0)[0], BOTTOM + 20, str(ranks), colour="muted", size=13)
    canvas.label((LEFT + RIGHT) / 2, BOTTOM + 46, "ranks", size=14)
    return canvas


if __name__ == "__main__":
    print(draw().write("assignment2_systems/memory_by_strategy"))
