"""How probable a policy under DPO finds what was preferred, epoch after epoch, with three seeds.

`python -m staff.figures.assignment5_alignment.preferences` draws it again from `benchmarks/alignment.json`.
"""

import json
from pathlib import Path

from staff.figures.canvas import Canvas
from staff.figures.log_axes import Axes

MEASURED = Path(__file__).resolve().parents[3] / "benchmarks" / "alignment.json"


def draw() -> Canvas:
    """One line a seed, from the policy that is its own reference."""
    runs = json.loads(MEASURED.read_text(encoding="utf-8"))["comparisons"]
    before, after = (sum(run[key] for run in runs) / len(runs) for key in ("before", "after"))
    epochs = len(runs[0]["curve"])
    canvas = Canvas(
        620,
        340,
        title="DPO learns what was preferred",
        text=f"With each of {len(runs)} seeds the probability that the implicit rewards give to the preferred of two held-out "
        f"responses rises from {before:.2f} to {after:.2f} within {epochs} epochs.",
    )
    axes = Axes(80, 590, 44, 270, x=(0, epochs), y=(0, 1), log_x=False)
    axes.draw(canvas, range(1, epochs + 1), [0.25, 0.5, 0.75, 1], "epoch", "probability of what was preferred")
    for run in runs:
        points = [axes.place(epoch, value) for epoch, value in enumerate([run["before"], *run["curve"]])]
        canvas.line(points, colour="blue", width=1.6)
    return canvas


if __name__ == "__main__":
    print(draw().write("assignment5_alignment/preferences"))
