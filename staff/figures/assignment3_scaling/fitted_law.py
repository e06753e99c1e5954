"""How far a fitted law is from the one behind the runs: the lowest runs, the law through them, and its band.

`python -m staff.figures.assignment3_scaling.fitted_law` draws it again.
"""

import numpy as np
from jaxtyping import Float

from assignment3_scaling.data import runs_of
from assignment3_scaling.data.sets import SETS
from staff.figures.canvas import Canvas, Colour
from staff.figures.log_axes import Axes

WIDTH, HEIGHT = 860, 430
AXES = Axes(left=84, right=560, top=62, bottom=362, x=(3e18, 3e24), y=(0.5, 2.5), log_y=True)
RESAMPLES, SEED = 400, 0


def draw() -> Canvas:
    """All sizes relative to the truth: nine points, three lines of the fit, and the truth at 1."""
    canvas = Canvas(
        WIDTH,
        HEIGHT,
        title="A fitted law and its band",
        text="Sizes relative to the best one under the law behind the runs. The lowest runs of nine budgets scatter by a "
        "quarter to both sides. The law through them is right among the runs and a third too large a thousand times "
        "beyond; its band widens there, and just holds the truth.",
    )
    AXES.draw(canvas, (1e19, 1e20, 1e21, 1e22, 1e23, 1e24), (0.5, 1, 2), "compute C, FLOPs", "N, relative to the best")
    C, N = lowest()
    at = np.geomspace(C[0], 1e24, 40)
    low, high = band(C, N, at)
    lines: tuple[tuple[str, Float[np.ndarray, " m"], Colour, bool], ...] = (
        ("80 % of resampled fits", low, "blue", False),
        ("", high, "blue", False),
        ("law through the lowest runs", line(C, N, at), "orange", False),
        ("law behind the runs", truth(at), "ink", True),
    )
    y = 96
    for name, values, colour, dashed in lines:
        points = [AXES.place(*point) for point in zip(at, values / truth(at), strict=True)]
        canvas.line(points, colour=colour, width=1.2 if colour == "blue" else 2, dashed=dashed)
        if name:
            canvas.line([(584, y), (620, y)], colour=colour, width=1.2 if colour == "blue" else 2, dashed=dashed)
            canvas.label(630, y, name, size=13, anchor="start")
            y += 28
    for point in zip(C, N / truth(C), strict=True):
        canvas.circle(*AXES.place(*point), 4, colour="orange", solid=True)
    canvas.circle(602, y, 4, colour="orange", solid=True)
    canvas.label(630, y, "lowest run of a budget", size=13, anchor="start")
    return canvas


def lowest() -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """Each budget, and the size of its lowest run."""
    runs = runs_of("isoflops_curves")
    budgets = sorted({run["compute_budget"] for run in runs})
    best = [min((run["final_loss"], run["parameters"]) for run in runs if run["compute_budget"] == C) for C in budgets]
    return np.array(budgets), np.array([float(N) for _, N in best])


def line(
    C: Float[np.ndarray, " n"], N: Float[np.ndarray, " n"], at: Float[np.ndarray, " m"]
) -> Float[np.ndarray, " m"]:
    """A power law through the points, by least squares on logarithms."""
    slope, offset = np.polyfit(np.log(C), np.log(N), 1)
    return np.exp(offset + slope * np.log(at))


def band(
    C: Float[np.ndarray, " n"], N: Float[np.ndarray, " n"], at: Float[np.ndarray, " m"]
) -> tuple[Float[np.ndarray, " m"], Float[np.ndarray, " m"]]:
    """The middle 80 % of laws through points drawn with replacement."""
    rng = np.random.Generator(np.random.Philox(SEED))
    drawn = (rng.integers(0, len(C), len(C)) for _ in range(RESAMPLES))
    laws = [line(C[places], N[places], at) for places in drawn]
    low, high = np.quantile(laws, (0.1, 0.9), axis=0)
    return low, high


def truth(at: Float[np.ndarray, " m"]) -> Float[np.ndarray, " m"]:
    """The best size at each budget by looking at many."""
    law = SETS["isoflops_curves"].law
    sizes = np.geomspace(1e8, 1e12, 20_001)
    losses = law.A * sizes**-law.alpha + law.B * (at[:, None] / (6 * sizes)) ** -law.beta
    return sizes[losses.argmin(axis=1)]


if __name__ == "__main__":
    print(draw().write("assignment3_scaling/fitted_law"))
