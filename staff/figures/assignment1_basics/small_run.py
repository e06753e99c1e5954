"""The curve of the small run with the reference: bits per byte over the tokens seen, as measured.

`python -m staff.figures.assignment1_basics.small_run` draws it again from `benchmarks/small_run.json`.
"""

import json
import math
from pathlib import Path

from staff.figures.canvas import Canvas, Point

MEASURED = Path(__file__).resolve().parents[3] / "benchmarks" / "small_run.json"
LEFT, RIGHT, TOP, BOTTOM = 70.0, 740.0, 30.0, 300.0
HIGH, LOW = 5.5, 0.15


def draw() -> Canvas:
    """Both losses, and the two entropies that counting alone gives."""
    run = json.loads(MEASURED.read_text(encoding="utf-8"))
    report, last = run["report"], run["training"][-1][0]

    def place(tokens: float, bits: float) -> Point:
        height = math.log(bits / LOW) / math.log(HIGH / LOW)
        return LEFT + (RIGHT - LEFT) * tokens / last, BOTTOM - (BOTTOM - TOP) * height

    canvas = Canvas(
        780,
        360,
        title="Loss of a small run",
        text=f"On a logarithmic scale, training and validation loss fall together from {run['training'][0][1]:.1f} bits "
        f"per byte to {report['bits_per_byte']:.2f} within {last / 1e6:.1f} million tokens. Single bytes have an entropy "
        f"of {report['unigram_bytes']:.2f}, single tokens of {report['unigram_tokens']:.2f}.",
    )
    for bits in (0.2, 0.5, 1, 2, 5):
        x, y = place(0, bits)
        canvas.line([(x, y), (RIGHT, y)], colour="rule", width=1)
        canvas.label(x - 10, y, f"{bits:g}", anchor="end", colour="muted", size=14)
    for tokens in range(0, last + 1, 100_000):
        canvas.label(place(tokens, 1)[0], BOTTOM + 20, f"{tokens / 1e6:g}", colour="muted", size=14)
    for key, name in (("unigram_bytes", "single bytes"), ("unigram_tokens", "single tokens")):
        (x, y), (right, _) = place(0, report[key]), place(last, 1)
        canvas.line([(x, y), (right, y)], colour="muted", dashed=True, width=1.4)
        canvas.label(right - 4, y + 14, f"{name}: {report[key]:.2f}", anchor="end", colour="muted", size=14)
    canvas.line([place(*point) for point in run["training"]], colour="blue", width=1.4)
    for point in run["validation"]:
        canvas.circle(*place(*point), 4, colour="orange", solid=True)
    canvas.line([place(*point) for point in run["validation"]], colour="orange", width=1.8)
    x, y = place(0.09 * last, 1.3)
    canvas.label(x, y, "training", anchor="start", colour="blue", size=15, bold=True)
    x, y = place(0.55 * last, 0.37)
    canvas.label(x, y, f"validation, at last {report['bits_per_byte']:.2f}", colour="orange", size=15, bold=True)
    canvas.line([(LEFT, TOP), (LEFT, BOTTOM), (RIGHT + 8, BOTTOM)], width=1.4)
    canvas.label((LEFT + RIGHT) / 2, BOTTOM + 44, "million tokens", size=14)
    canvas.label(LEFT - 46, TOP - 12, "bits per byte", anchor="start", size=14)
    return canvas


if __name__ == "__main__":
    print(draw().write("assignment1_basics/small_run"))
