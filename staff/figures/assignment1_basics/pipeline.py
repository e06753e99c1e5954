"""What the assignment builds: text to tokens once, then the training loop; each part with its problem.

`python -m staff.figures.assignment1_basics.pipeline` draws it again.
"""

from staff.figures.canvas import Canvas, Colour

WIDTH, HEIGHT, GAP = 168.0, 62.0, 64.0


def part(canvas: Canvas, x: float, y: float, what: str, problem: str, colour: Colour) -> None:
    """A box: what it does, and under it the problem's id."""
    canvas.box(x, y, WIDTH, HEIGHT, colour=colour)
    canvas.label(x + WIDTH / 2, y + 21, what, size=14, bold=True)
    canvas.label(x + WIDTH / 2, y + 43, problem, size=11.5, mono=True, colour=colour)


def flow(canvas: Canvas, x: float, y: float, words: str) -> None:
    """An arrow to the right of a box, with what travels along it."""
    canvas.line([(x + WIDTH + 4, y + HEIGHT / 2), (x + WIDTH + GAP - 4, y + HEIGHT / 2)], arrow=True)
    for index, line in enumerate(words.split("\n")):
        canvas.label(x + WIDTH + GAP / 2, y + HEIGHT / 2 - 30 + 15 * index, line, size=12, colour="muted")


def draw() -> Canvas:
    """Two rows: the tokenizer, and one step of training."""
    canvas = Canvas(
        940,
        420,
        title="What you build",
        text="A corpus trains a tokenizer, which turns text into token ids. Batches of ids pass through the "
        "transformer to a loss; clipping, AdamW and a schedule turn its gradient into the next weights; "
        "checkpoints keep them.",
    )
    columns = [34.0 + (WIDTH + GAP) * i for i in range(4)]
    canvas.label(34, 32, "Once per corpus", anchor="start", size=15, bold=True)
    y = 62.0
    canvas.box(columns[0], y, WIDTH, HEIGHT, "corpus\n(UTF-8 text)", colour="rule", size=14)
    part(canvas, columns[1], y, "train BPE", "train_bpe", "blue")
    part(canvas, columns[2], y, "encode", "tokenizer", "blue")
    canvas.box(columns[3], y, WIDTH, HEIGHT, "token array\n(uint16, on disk)", colour="rule", size=14)
    flow(canvas, columns[0], y, "bytes")
    flow(canvas, columns[1], y, "vocab,\nmerges")
    flow(canvas, columns[2], y, "ids")

    canvas.label(34, 176, "Every training step", anchor="start", size=15, bold=True)
    y = 202.0
    part(canvas, columns[0], y, "draw a batch", "data_loading", "green")
    part(canvas, columns[1], y, "transformer", "transformer_lm", "orange")
    part(canvas, columns[2], y, "loss", "cross_entropy", "purple")
    part(canvas, columns[3], y, "clip gradients", "gradient_clipping", "purple")
    flow(canvas, columns[0], y, "x, y:\n(B, T)")
    flow(canvas, columns[1], y, "logits:\n(B, T, V)")
    flow(canvas, columns[2], y, "gradients")

    low = 318.0
    part(canvas, columns[3], low, "update", "adamw", "purple")
    part(canvas, columns[2], low, "learning rate", "learning_rate_schedule", "purple")
    part(canvas, columns[0], low, "save, resume", "checkpointing", "green")
    canvas.line([(columns[3] + WIDTH / 2, y + HEIGHT + 4), (columns[3] + WIDTH / 2, low - 4)], arrow=True)
    canvas.line([(columns[2] + WIDTH + 4, low + HEIGHT / 2), (columns[3] - 4, low + HEIGHT / 2)], arrow=True)
    canvas.label(columns[2] + WIDTH + GAP / 2, low + HEIGHT / 2 - 14, "α_t", size=14, colour="muted")
    rail = low - 27
    canvas.line(
        [
            (columns[3] + WIDTH / 2 - 30, low - 4),
            (columns[3] + WIDTH / 2 - 30, rail),
            (columns[1] + WIDTH / 2, rail),
            (columns[1] + WIDTH / 2, y + HEIGHT + 4),
        ],
        arrow=True,
        colour="orange",
    )
    canvas.label(columns[1] + WIDTH + GAP / 2, rail - 12, "new weights", size=12, colour="orange")
    canvas.line(
        [
            (columns[1] + WIDTH / 2, rail),
            (columns[1] + WIDTH / 2, low + HEIGHT / 2),
            (columns[0] + WIDTH + 4, low + HEIGHT / 2),
        ],
        arrow=True,
        colour="green",
        dashed=True,
    )
    canvas.label(columns[0] + WIDTH + 74, low + HEIGHT / 2 + 16, "now and then", size=12, colour="muted")
    canvas.line(
        [
            (columns[3] + WIDTH / 2, 62 + HEIGHT + 4),
            (columns[3] + WIDTH / 2, 150),
            (16, 150),
            (16, y + HEIGHT / 2),
            (columns[0] - 3, y + HEIGHT / 2),
        ],
        arrow=True,
        colour="muted",
        dashed=True,
    )
    return canvas


if __name__ == "__main__":
    print(draw().write("assignment1_basics/pipeline"))
