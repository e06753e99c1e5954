"""What two policies come to on twenty surfaces: predicted against true losses, and their scores.

`python -m staff.figures.assignment3_scaling.campaign` draws it again from `benchmarks/scaling_campaigns.json`.
"""

import json
from pathlib import Path
from statistics import fmean

from staff.figures.canvas import Canvas, Colour, Point

MEASURED = Path(__file__).resolve().parents[3] / "benchmarks" / "scaling_campaigns.json"
LEFT, RIGHT, TOP, BOTTOM = 64.0, 364.0, 40.0, 320.0
LOW, HIGH = 1.8, 3.8
SCORES_LEFT, SCORES_RIGHT = 470.0, 750.0
COLOURS: dict[str, Colour] = {"reference": "blue", "baseline": "orange"}


def draw() -> Canvas:
    """Losses on the left, scores from the lowest to the highest on the right."""
    measured = json.loads(MEASURED.read_text(encoding="utf-8"))
    means = {name: fmean(row["score"] for row in rows) for name, rows in measured.items()}
    canvas = Canvas(
        780,
        380,
        title="Two policies on twenty surfaces",
        text="On the left, the predictions of the reference lie on the line of true losses, those of the baseline "
        f"below it. On the right, the reference scores {means['reference']:.2f} in the mean, "
        f"the baseline {means['baseline']:.2f}.",
    )
    _losses(canvas, measured)
    _scores(canvas, measured, means)
    return canvas


def _losses(canvas: Canvas, measured: dict[str, list[dict[str, float]]]) -> None:
    def place(true: float, predicted: float) -> Point:
        scale = (RIGHT - LEFT) / (HIGH - LOW)
        return LEFT + (true - LOW) * scale, BOTTOM - (predicted - LOW) * (BOTTOM - TOP) / (HIGH - LOW)

    for loss in (2.0, 2.5, 3.0, 3.5):
        canvas.line([place(LOW, loss), place(HIGH, loss)], colour="rule", width=1)
        x, y = place(LOW, loss)
        canvas.label(x - 8, y, f"{loss:g}", anchor="end", colour="muted", size=13)
        canvas.label(place(loss, LOW)[0], BOTTOM + 18, f"{loss:g}", colour="muted", size=13)
    canvas.line([place(LOW, LOW), place(HIGH, HIGH)], colour="muted", dashed=True, width=1.4)
    for name, rows in measured.items():
        for row in rows:
            canvas.circle(*place(row["true_loss"], row["predicted_loss"]), 4, colour=COLOURS[name], solid=True)
    canvas.label((LEFT + RIGHT) / 2, BOTTOM + 40, "true loss of the final run, nats", size=14)
    canvas.label(LEFT - 40, TOP - 20, "predicted", anchor="start", size=14)


def _scores(canvas: Canvas, measured: dict[str, list[dict[str, float]]], means: dict[str, float]) -> None:
    for score in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = BOTTOM - score * (BOTTOM - TOP)
        canvas.line([(SCORES_LEFT, y), (SCORES_RIGHT, y)], colour="rule", width=1)
        canvas.label(SCORES_LEFT - 8, y, f"{score:g}", anchor="end", colour="muted", size=13)
    for name, rows in measured.items():
        scores = sorted(row["score"] for row in rows)
        step = (SCORES_RIGHT - SCORES_LEFT) / len(scores)
        for number, score in enumerate(scores):
            x, y = SCORES_LEFT + (number + 0.5) * step, BOTTOM - score * (BOTTOM - TOP)
            canvas.circle(x, y, 4, colour=COLOURS[name], solid=True)
        low = BOTTOM - scores[0] * (BOTTOM - TOP) + 22
        text = f"{name}, mean {means[name]:.2f}"
        x, anchor_y = (SCORES_LEFT + 4, low) if name == "reference" else (SCORES_LEFT + 90, low - 20)
        canvas.label(x, anchor_y, text, anchor="start", colour=COLOURS[name], size=15, bold=True)
    canvas.label((SCORES_LEFT + SCORES_RIGHT) / 2, BOTTOM + 40, "surfaces, lowest score first", size=14)
    canvas.label(SCORES_LEFT - 36, TOP - 20, "score", anchor="start", size=14)


if __name__ == "__main__":
    print(draw().write("assignment3_scaling/campaign"))
