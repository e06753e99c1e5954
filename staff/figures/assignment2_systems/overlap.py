"""One training step in four kinds of data parallelism: when the processor computes, when the network sends.

`python -m staff.figures.assignment2_systems.overlap` draws it again.
"""

from staff.figures.canvas import Canvas

FORWARD, BACKWARD, SEND, OVERHEAD, LAYERS = 4.0, 1.0, 0.75, 0.75, 8

LEFT, SCALE, TOP, ROW, BAR = 150.0, 24.0, 62.0, 92.0, 26.0
KINDS: tuple[tuple[str, str, list[int], bool], ...] = (
    ("naive", "after backward", [1] * LAYERS, False),
    ("flat", "one message", [LAYERS], False),
    ("overlapped", "each parameter", [1] * LAYERS, True),
    ("bucketed", "four buckets", [2] * (LAYERS // 2), True),
)

Message = tuple[float, float, int]


def messages(groups: list[int], overlap: bool) -> list[Message]:
    """Begin, end and number of layers of each message; they go one after the other."""
    complete = free = FORWARD
    sent = []
    for layers in groups:
        complete += layers * BACKWARD
        begin = max(complete if overlap else FORWARD + LAYERS * BACKWARD, free)
        free = begin + OVERHEAD + layers * SEND
        sent.append((begin, free, layers))
    return sent


def draw() -> Canvas:
    """A pair of rows for each kind: what the processor does, and what the network does."""
    ends = [messages(groups, overlap)[-1][1] for _, _, groups, overlap in KINDS]
    said = ", ".join(f"{name} {end:g} ms" for (name, *_), end in zip(KINDS, ends, strict=True))
    canvas = Canvas(
        800,
        460,
        title="Computation and communication of one step",
        text=f"The forward pass takes {FORWARD:g} ms, the backward pass {BACKWARD:g} ms a layer, a message "
        f"{OVERHEAD:g} ms and {SEND:g} ms a layer. The step ends after: {said}.",
    )
    canvas.box(LEFT, 18, 16, 16, colour="blue")
    canvas.label(LEFT + 24, 26, "computes", anchor="start", size=13)
    canvas.box(LEFT + 120, 18, 16, 16, colour="orange")
    canvas.label(LEFT + 144, 26, "sends, for so many layers", anchor="start", size=13)
    for place, ((name, note, groups, overlap), end) in enumerate(zip(KINDS, ends, strict=True)):
        y = TOP + place * ROW
        canvas.label(LEFT - 14, y + BAR / 2, name, anchor="end", size=15, bold=True)
        canvas.label(LEFT - 14, y + BAR * 1.5 + 4, note, anchor="end", size=12, colour="muted")
        canvas.box(LEFT, y, FORWARD * SCALE, BAR, "forward", colour="blue", size=12, radius=3)
        for layer in range(LAYERS):
            x = LEFT + (FORWARD + layer * BACKWARD) * SCALE
            canvas.box(x, y, BACKWARD * SCALE, BAR, str(LAYERS - layer), colour="blue", size=12, radius=3)
        for begin, stop, layers in messages(groups, overlap):
            width = (stop - begin) * SCALE
            canvas.box(LEFT + begin * SCALE, y + BAR + 4, width, BAR, str(layers), colour="orange", size=12, radius=3)
        x = LEFT + end * SCALE
        canvas.line([(x, y - 6), (x, y + 2 * BAR + 10)], colour="ink", dashed=True, width=1)
        canvas.label(x, y + 2 * BAR + 20, f"{end:g} ms", size=13, bold=True)
    axis = TOP + len(KINDS) * ROW - 4
    canvas.line([(LEFT, axis), (LEFT + 26 * SCALE, axis)], arrow=True, width=1.2)
    canvas.label(LEFT + 26 * SCALE, axis + 16, "time", anchor="end", size=13, colour="muted")
    return canvas


if __name__ == "__main__":
    print(draw().write("assignment2_systems/overlap"))
