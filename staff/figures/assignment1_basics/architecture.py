"""The language model from the outside in: the model, one block of it, the attention of a block.

`python -m staff.figures.assignment1_basics.architecture` draws it again.
"""

from staff.figures.canvas import Canvas, Colour

BOX = 36.0


def part(canvas: Canvas, x: float, y: float, width: float, what: str, problem: str, colour: Colour) -> None:
    """A box centred on `x`: what it is on the left, the problem's id on the right."""
    canvas.box(x - width / 2, y, width, BOX, colour=colour)
    canvas.label(x - width / 2 + 10, y + BOX / 2, what, anchor="start", size=14, bold=True)
    canvas.label(x + width / 2 - 10, y + BOX / 2, problem, anchor="end", size=11, mono=True, colour=colour)


def down(canvas: Canvas, x: float, y: float, until: float) -> None:
    """An arrow from box to box."""
    canvas.line([(x, y), (x, until)], arrow=True, width=1.4)


def plus(canvas: Canvas, x: float, y: float) -> None:
    """The node where a residual stream takes a sublayer's output."""
    canvas.circle(x, y, 11, colour="ink")
    canvas.label(x, y, "+", size=18)


def model(canvas: Canvas, x: float) -> None:
    """Token ids to logits."""
    canvas.label(x, 34, "Transformer LM", size=16, bold=True)
    canvas.label(x, 68, "token ids (B, T)", size=13, colour="muted")
    stops = [96.0, 178.0, 318.0, 400.0]
    width = 230.0
    part(canvas, x, stops[0], width, "Embedding", "embedding", "green")
    canvas.box(x - width / 2, stops[1], width, 92, colour="orange")
    canvas.label(x, stops[1] + 28, "Transformer block", size=14, bold=True)
    canvas.label(x, stops[1] + 48, "transformer_block", size=11, mono=True, colour="orange")
    canvas.label(x, stops[1] + 70, "× num_layers", size=12, mono=True, colour="muted")
    part(canvas, x, stops[2], width, "RMSNorm", "rmsnorm", "blue")
    part(canvas, x, stops[3], width, "LM head", "linear", "green")
    down(canvas, x, 80, stops[0] - 3)
    down(canvas, x, stops[0] + BOX + 2, stops[1] - 3)
    canvas.label(x + 10, (stops[0] + BOX + stops[1]) / 2, "(B, T, d_model)", anchor="start", size=13, colour="muted")
    down(canvas, x, stops[1] + 94, stops[2] - 3)
    canvas.label(x + 10, (stops[1] + 92 + stops[2]) / 2, "(B, T, d_model)", anchor="start", size=13, colour="muted")
    down(canvas, x, stops[2] + BOX + 2, stops[3] - 3)
    down(canvas, x, stops[3] + BOX + 2, 466)
    canvas.label(x, 482, "logits (B, T, V)", size=13, colour="muted")
    canvas.label(x, 504, "position t scores the token at t + 1", size=13, colour="muted")


def block(canvas: Canvas, x: float) -> None:
    """A pre-norm block: two sublayers, each added to the stream that goes round it."""
    canvas.label(x, 34, "Transformer block", size=16, bold=True)
    canvas.label(x, 68, "x (B, T, d_model)", size=13, colour="muted")
    width, lane = 226.0, x - 128
    down(canvas, x, 80, 109)
    sublayers: tuple[tuple[float, str, str, Colour], ...] = (
        (112.0, "Causal self-attention", "multihead_self_attention", "orange"),
        (300.0, "SwiGLU", "positionwise_feedforward", "purple"),
    )
    for start, what, problem, colour in sublayers:
        part(canvas, x, start, width, "RMSNorm", "rmsnorm", "blue")
        down(canvas, x, start + BOX + 2, start + 59)
        canvas.box(x - width / 2, start + 62, width, 52, colour=colour)
        canvas.label(x, start + 79, what, size=14, bold=True)
        canvas.label(x, start + 99, problem, size=11, mono=True, colour=colour)
        down(canvas, x, start + 116, start + 133)
        plus(canvas, x, start + 147)
        canvas.line(
            [(x, start - 18), (lane, start - 18), (lane, start + 147), (x - 13, start + 147)],
            arrow=True,
            width=1.4,
        )
    down(canvas, x, 460, 488)
    down(canvas, x, 272, 297)
    canvas.label(x, 504, "(B, T, d_model)", size=13, colour="muted")


def attention(canvas: Canvas, x: float) -> None:
    """Projections, rotation, attention a head, and back."""
    canvas.label(x, 34, "Causal multi-head self-attention", size=16, bold=True)
    canvas.label(x, 68, "x (B, T, d_model)", size=13, colour="muted")
    lanes = [x - 96, x, x + 96]
    for lane, name in zip(lanes, ("W_Q", "W_K", "W_V"), strict=True):
        canvas.line([(x, 80), (x, 88), (lane, 88), (lane, 101)], arrow=True, width=1.4)
        canvas.box(lane - 38, 104, 76, BOX, colour="green")
        canvas.label(lane, 104 + BOX / 2, name, size=15, bold=True)
    canvas.label(x + 142, 104 + BOX / 2, "linear", anchor="start", size=11, mono=True, colour="green")
    canvas.label(x, 160, "cut into heads: (B, h, T, d_model / h)", size=13, colour="muted")
    for lane in lanes[:2]:
        down(canvas, lane, 172, 193)
        canvas.box(lane - 38, 196, 76, BOX, "RoPE", colour="purple")
        down(canvas, lane, 196 + BOX + 2, 265)
    canvas.label(lanes[0] - 46, 196 + BOX / 2, "rope", anchor="end", size=11, mono=True, colour="purple")
    down(canvas, lanes[2], 172, 265)
    for lane, name in zip(lanes, ("Q", "K", "V"), strict=True):
        canvas.label(lane + 12, 248, name, anchor="start", size=14, italic=True)
    canvas.box(x - 138, 268, 276, 82, colour="orange")
    canvas.label(x, 290, "softmax( Q Kᵀ / √d_k , j ≤ i ) V", size=15, bold=True)
    canvas.label(x, 314, "scaled_dot_product_attention", size=11, mono=True, colour="orange")
    canvas.label(x, 333, "softmax", size=11, mono=True, colour="orange")
    down(canvas, x, 352, 391)
    canvas.label(x + 10, 371, "heads side by side", anchor="start", size=13, colour="muted")
    canvas.box(x - 38, 394, 76, BOX, colour="green")
    canvas.label(x, 394 + BOX / 2, "W_O", size=15, bold=True)
    canvas.label(x + 46, 394 + BOX / 2, "linear", anchor="start", size=11, mono=True, colour="green")
    down(canvas, x, 394 + BOX + 2, 488)
    canvas.label(x, 504, "(B, T, d_model)", size=13, colour="muted")


def draw() -> Canvas:
    """Three columns, each a closer look at one box of the column before."""
    canvas = Canvas(
        1000,
        530,
        title="The transformer language model",
        text="Token ids are embedded, pass through identical pre-norm blocks, a last RMSNorm and the LM "
        "head. A block adds causal attention, then a SwiGLU network, to a residual stream. Attention "
        "projects to queries, keys and values, rotates queries and keys, attends per head, projects back.",
    )
    model(canvas, 150)
    canvas.line([(290, 60), (290, 510)], colour="rule", dashed=True, width=1)
    block(canvas, 472)
    canvas.line([(626, 60), (626, 510)], colour="rule", dashed=True, width=1)
    attention(canvas, 806)
    return canvas


if __name__ == "__main__":
    print(draw().write("assignment1_basics/architecture"))
