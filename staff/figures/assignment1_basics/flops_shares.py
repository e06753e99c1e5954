"""Where the FLOP of a forward pass go, from the smallest GPT-2 shape to 175 billion parameters.

`python -m staff.figures.assignment1_basics.flops_shares` draws it again.
"""

from staff.figures.canvas import Canvas, Colour

# Layers and width. Names are those of GPT-2 and GPT-3 models of these shapes; the networks are SwiGLU here.
MODELS = {
    "small": (12, 768),
    "medium": (24, 1024),
    "large": (36, 1280),
    "xl": (48, 1600),
    "2.7B": (32, 2560),
    "6.7B": (32, 4096),
    "13B": (40, 5120),
    "175B": (96, 12288),
}
VOCAB, LENGTH = 50257, 1024

PARTS: tuple[tuple[str, Colour], ...] = (
    ("feed-forward", "orange"),
    ("projections", "blue"),
    ("scores and values", "purple"),
    ("head", "green"),
)

LEFT, WIDTH, TOP, STEP, HEIGHT = 196.0, 620.0, 84.0, 36.0, 27.0


def shares(num_layers: int, d_model: int) -> tuple[float, ...]:
    """The shares of PARTS, with an inner width of 8/3 the width, to the nearest multiple of 64."""
    d_ff = 64 * round(8 * d_model / 3 / 64)
    flops = (
        num_layers * 6 * d_model * d_ff,
        num_layers * 8 * d_model * d_model,
        num_layers * 4 * LENGTH * d_model,
        2 * d_model * VOCAB,
    )
    return tuple(part / sum(flops) for part in flops)


def billions(num_layers: int, d_model: int) -> float:
    """The parameters, in units of 10^9."""
    d_ff = 64 * round(8 * d_model / 3 / 64)
    block = 4 * d_model * d_model + 3 * d_model * d_ff + 2 * d_model
    return (2 * VOCAB * d_model + num_layers * block + d_model) / 1e9


def draw() -> Canvas:
    """A stacked bar a model, and the limit of two thirds."""
    first, last = (100 * shares(*MODELS[name])[0] for name in ("small", "175B"))
    canvas = Canvas(
        860,
        430,
        title="Share of feed-forward FLOP by model size",
        text=f"In a forward pass over {LENGTH} tokens the feed-forward networks take {first:.0f} % of the FLOP of the "
        f"small model and {last:.0f} % of those of 175 billion parameters; the head falls from 27 % to almost "
        "nothing, scores and values to 1 %.",
    )
    x = LEFT
    for name, colour in PARTS:
        canvas.box(x, 26, 16, 16, colour=colour, radius=3)
        canvas.label(x + 24, 34, name, anchor="start", size=14)
        x += 52 + 8 * len(name)
    canvas.label(24, 62, "model", anchor="start", size=12, colour="muted")
    canvas.label(LEFT - 14, 62, "parameters", anchor="end", size=12, colour="muted")
    bottom = TOP + len(MODELS) * STEP
    limit = LEFT + WIDTH * 2 / 3
    canvas.line([(limit, TOP - 12), (limit, bottom + 6)])  # first, so that it crosses no number
    for row, (name, shape) in enumerate(MODELS.items()):
        y = TOP + row * STEP
        canvas.label(24, y + HEIGHT / 2, name, anchor="start", size=14, bold=True)
        canvas.label(LEFT - 14, y + HEIGHT / 2, f"{billions(*shape):.3g} · 10⁹", anchor="end", size=13, colour="muted")
        x = LEFT
        for (_, colour), share in zip(PARTS, shares(*shape), strict=True):
            label = f"{100 * share:.1f} %" if share > 0.07 else ""
            canvas.box(x, y, WIDTH * share, HEIGHT, label, colour=colour, size=12.5, radius=0)
            x += WIDTH * share
    canvas.label(limit, bottom + 18, "2/3: where it ends, for a width far above the context length", size=13)
    return canvas


if __name__ == "__main__":
    print(draw().write("assignment1_basics/flops_shares"))
