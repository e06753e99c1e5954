"""What each ablation comes to on the held-out problems: one dot a seed, from the same start.

`python -m staff.figures.assignment5_alignment.ablations` draws it again from `benchmarks/alignment.json`.
"""

import json
from pathlib import Path

from staff.figures.canvas import Canvas

MEASURED = Path(__file__).resolve().parents[3] / "benchmarks" / "alignment.json"
LEFT, RIGHT, TOP, ROW = 190.0, 590.0, 30.0, 30.0


def draw() -> Canvas:
    """A row a kind of run, in the order in which they were run."""
    runs = json.loads(MEASURED.read_text(encoding="utf-8"))["addition"]
    names = list(dict.fromkeys(run["name"] for run in runs))
    before = sum(run["before"] for run in runs) / len(runs)
    means = {name: _mean(runs, name) for name in names}
    best, worst = max(names, key=means.__getitem__), min(names, key=means.__getitem__)
    bottom = TOP + ROW * len(names)
    canvas = Canvas(
        640,
        int(bottom + 60),
        title="Ablations on the sums of two digits",
        text=f"From a start of {before:.2f}, every kind of run in a row with a dot for each seed; in the mean {best} comes "
        f"to {means[best]:.2f}, {worst} to {means[worst]:.2f}.",
    )
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = _place(share)
        canvas.line([(x, TOP), (x, bottom)], colour="rule", width=0.8)
        canvas.label(x, bottom + 16, f"{share:g}", size=12, colour="muted")
    canvas.line([(_place(before), TOP), (_place(before), bottom)], colour="muted", dashed=True)
    canvas.label(_place(before), TOP - 12, f"start, {before:.2f}", size=12, colour="muted")
    for number, name in enumerate(names):
        y = TOP + ROW * (number + 0.5)
        canvas.label(LEFT - 14, y, name, size=13, anchor="end", mono=False)
        for run in runs:
            if run["name"] == name:
                canvas.circle(_place(run["after"]), y, 4, colour="blue", solid=True)
        canvas.line([(_place(means[name]), y - 9), (_place(means[name]), y + 9)], colour="orange", width=2.2)
    canvas.label((LEFT + RIGHT) / 2, bottom + 40, "mean reward on held-out problems after the run", size=13)
    return canvas


def _mean(runs: list[dict], name: str) -> float:
    own = [run["after"] for run in runs if run["name"] == name]
    return sum(own) / len(own)


def _place(share: float) -> float:
    return LEFT + share * (RIGHT - LEFT)


if __name__ == "__main__":
    print(draw().write("assignment5_alignment/ablations"))
