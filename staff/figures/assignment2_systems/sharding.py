"""What a rank holds and what it moves in a step: data parallelism, a sharded optimizer, full sharding.

`python -m staff.figures.assignment2_systems.sharding` draws it again.
"""

from staff.figures.canvas import Canvas, Colour

RANKS = 4
HELD: tuple[tuple[str, Colour, int], ...] = (  # heights: two moments a weight
    ("weights", "blue", 1),
    ("gradients", "orange", 1),
    ("moments", "green", 2),
)
SCHEMES: tuple[tuple[str, str, tuple[bool, bool, bool], tuple[str, str, str]], ...] = (
    ("DDP", "naive_ddp", (False, False, False), ("", "all-reduce gradients", "")),
    (
        "sharded optimizer",
        "optimizer_state_sharding",
        (False, False, True),
        ("", "all-reduce gradients", "broadcast new weights"),
    ),
    (
        "FSDP",
        "fsdp",
        (True, True, True),
        ("gather each layer's weight,\ndrop it after use", "gather it again;\nreduce-scatter its gradient", ""),
    ),
)
LEFT, BAR, UNIT, GAP, ROW = 200.0, 62.0, 20.0, 14.0, 150.0


def rank_bar(canvas: Canvas, x: float, y: float, rank: int, sharded: tuple[bool, bool, bool]) -> None:
    """What one rank holds: a stack in which a sharded kind has only this rank's quarter of its width."""
    for (_, colour, height), part in zip(HELD, sharded, strict=True):
        tall = UNIT * height
        if part:
            canvas.box(x, y, BAR, tall, colour="rule", dashed=True, radius=2)
            canvas.box(x + BAR / RANKS * rank, y, BAR / RANKS, tall, colour=colour, radius=2)
        else:
            canvas.box(x, y, BAR, tall, colour=colour, radius=2)
        y += tall + 4


def draw() -> Canvas:
    """A row for each scheme: its name, what each of four ranks holds, what moves in each part of a step."""
    canvas = Canvas(
        1080,
        520,
        title="What a rank holds, and what it moves in a step",
        text="With four ranks. Data parallelism: every rank holds all weights, gradients and moments, and gradients are "
        "all-reduced in the backward pass. A sharded optimizer: moments are split into quarters, and new weights are "
        "broadcast after the step. FSDP: all three are split; weights are gathered layer by layer in the forward and "
        "again in the backward pass, and gradients are reduce-scattered.",
    )
    for index, (name, colour, _) in enumerate(HELD):
        canvas.box(LEFT + 112 * index, 22, 16, 16, colour=colour, radius=2)
        canvas.label(LEFT + 24 + 112 * index, 30, name, anchor="start", size=13)
    columns = [LEFT + RANKS * (BAR + GAP) + 94 + 188 * index for index in range(3)]
    for x, words in zip(columns, ("forward pass", "backward pass", "step"), strict=True):
        canvas.label(x, 66, words, size=14, bold=True)
    for rank in range(RANKS):
        canvas.label(LEFT + BAR / 2 + rank * (BAR + GAP), 66, f"rank {rank}", size=13, colour="muted")
    for row, (name, problem, sharded, moves) in enumerate(SCHEMES):
        y = 92 + ROW * row
        canvas.label(24, y + 38, name, anchor="start", size=15, bold=True)
        canvas.label(24, y + 60, problem, anchor="start", size=11, mono=True, colour="muted")
        for rank in range(RANKS):
            rank_bar(canvas, LEFT + rank * (BAR + GAP), y, rank, sharded)
        for x, words in zip(columns, moves, strict=True):
            lines = words.split("\n") if words else ["nothing"]
            for index, line in enumerate(lines):
                place = y + 44 + 19 * (index - (len(lines) - 1) / 2)
                canvas.label(x, place, line, size=13, colour="ink" if words else "muted", italic=not words)
        if row < len(SCHEMES) - 1:
            canvas.line([(24, y + ROW - 24), (1056, y + ROW - 24)], colour="rule", width=1)
    return canvas


if __name__ == "__main__":
    print(draw().write("assignment2_systems/sharding"))
