"""The mean reward of a step's rollouts, over the steps of the standard GRPO run, with three seeds.

`python -m staff.figures.assignment5_alignment.learning` draws it again from `benchmarks/alignment.json`.
"""

import json
from pathlib import Path

from staff.figures.canvas import Canvas
from staff.figures.log_axes import Axes

MEASURED = Path(__file__).resolve().parents[3] / "benchmarks" / "alignment.json"
STANDARD = "GRPO"


def draw() -> Canvas:
    """One line a seed, and what the policies answer before and after."""
    runs = [run for run in json.loads(MEASURED.read_text(encoding="utf-8"))["addition"] if run["name"] == STANDARD]
    before, after = (sum(run[key] for run in runs) / len(runs) for key in ("before", "after"))
    steps = len(runs[0]["curve"])
    canvas = Canvas(
        620,
        340,
        title="GRPO learns to add",
        text=f"With each of {len(runs)} seeds the mean reward rises over {steps} steps. Of the held-out problems the policy "
        f"answers {before:.2f} before and {after:.2f} afterwards, in the mean.",
    )
    axes = Axes(80, 590, 44, 270, x=(1, steps), y=(0, 1), log_x=False)
    axes.draw(canvas, [1, *range(8, steps + 1, 8)], [0.25, 0.5, 0.75, 1], "step", "mean reward of 128 rollouts")
    for run in runs:
        canvas.line([axes.place(step, reward) for step, reward in enumerate(run["curve"], 1)], colour="blue", width=1.6)
    for value, words in ((before, "held-out problems, before"), (after, "held-out problems, after")):
        canvas.line([axes.place(1, value), axes.place(steps, value)], colour="orange", dashed=True, width=1.2)
        canvas.label(*_beside(axes, value, steps), f"{words}: {value:.2f}", colour="orange", size=13)
    return canvas


def _beside(axes: Axes, value: float, steps: int) -> tuple[float, float]:
    """Where no curve is: below a low line on the right, above a high one on the left."""
    low = value < 0.5
    x, y = axes.place(0.8 * steps if low else 0.22 * steps, value)
    return x, y + 12 if low else y - 12


if __name__ == "__main__":
    print(draw().write("assignment5_alignment/learning"))
