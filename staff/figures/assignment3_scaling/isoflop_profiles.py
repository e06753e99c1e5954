"""Runs at equal compute: nine profiles of loss against size, and the lowest run of each.

`python -m staff.figures.assignment3_scaling.isoflop_profiles` draws it again.
"""

from assignment3_scaling.data import runs_of
from staff.figures.canvas import Canvas
from staff.figures.log_axes import Axes

WIDTH, HEIGHT = 860, 430
AXES = Axes(left=84, right=700, top=62, bottom=362, x=(7e7, 8e10), y=(3.5, 7.0))


def draw() -> Canvas:
    """A line a budget, labelled at its last run; stars where the lowest runs are."""
    canvas = Canvas(
        WIDTH,
        HEIGHT,
        title="Runs at equal compute",
        text="Loss against parameters for nine budgets of compute. Each profile falls to a minimum and rises again; with more "
        "compute the minimum lies lower and at larger models.",
    )
    AXES.draw(canvas, (1e8, 1e9, 1e10), (4, 5, 6, 7), "parameters N", "loss, nats a token")
    runs = runs_of("isoflops_curves")
    for budget in sorted({run["compute_budget"] for run in runs}):
        profile = sorted((run["parameters"], run["final_loss"]) for run in runs if run["compute_budget"] == budget)
        canvas.line([AXES.place(*point) for point in profile], colour="blue", width=1.4)
        for point in profile:
            canvas.circle(*AXES.place(*point), 2.6, colour="blue", solid=True)
        N, loss = min(profile, key=lambda point: point[1])
        canvas.circle(*AXES.place(N, loss), 5.5, colour="orange", solid=True)
        x, y = AXES.place(*profile[-1])
        canvas.label(x + 10, y, f"{budget:.0e}".replace("+", ""), colour="blue", size=12, anchor="start")
    canvas.circle(560, 40, 5.5, colour="orange", solid=True)
    canvas.label(574, 40, "the lowest run of a budget", size=13, anchor="start")
    return canvas


if __name__ == "__main__":
    print(draw().write("assignment3_scaling/isoflop_profiles"))
