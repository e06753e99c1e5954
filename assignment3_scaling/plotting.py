"""Figures of runs and laws, for Matplotlib's axes: given whole, to look at data before and after a fit.

    figure, axes = matplotlib.pyplot.subplots()
    isoflop_profiles(axes, runs_of("isoflops_noisy"))
    figure.savefig("profiles.png")

Covered: profiles at equal compute, a power law with a band, predictions against the truth. A function draws on the axes
it is given, and returns nothing.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

Fit = Callable[[Float[np.ndarray, " n"], Float[np.ndarray, " n"]], tuple[float, float]]
"""A function such as `fitting.fit_power_law`: (k, a) of y ≈ k x^a."""


def isoflop_profiles(
    axes: Axes, runs: Sequence[dict[str, Any]], optima: Sequence[tuple[float, float, float, float]] = ()
) -> None:
    """Loss against size, a line a budget; diverged runs are left out, and `optima`, as (C, N, D, loss), marked."""
    finished = [run for run in runs if run["final_loss"] is not None]
    for budget in sorted({float(run["compute_budget"]) for run in finished}):
        points = sorted((run["parameters"], run["final_loss"]) for run in finished if run["compute_budget"] == budget)
        axes.plot(*zip(*points, strict=True), marker=".", label=f"{budget:.0e} FLOPs")
    if optima:
        axes.plot([N for _, N, _, _ in optima], [loss for *_, loss in optima], "k*", markersize=11, label="lowest")
    axes.set(xscale="log", xlabel="parameters N", ylabel="loss, nats a token", title="Runs at equal compute")
    axes.legend(fontsize="small")


def bootstrap_band(
    fit: Fit,
    x: Float[np.ndarray, " n"],
    y: Float[np.ndarray, " n"],
    at: Float[np.ndarray, " m"],
    resamples: int = 200,
    coverage: float = 0.8,
    seed: int = 0,
) -> tuple[Float[np.ndarray, " m"], Float[np.ndarray, " m"]]:
    """The lower and upper bound of the law at `at`, from fits to points drawn with replacement.

    Of the `resamples` laws the middle `coverage` is kept, at each place for itself (Efron's percentile interval). A draw
    of a single x determines no law and is made again. It tells how much the scatter of the points matters, not whether
    a power law is right.
    """
    if len(np.unique(x)) < 2:
        raise ValueError("bootstrap_band needs points at two different values of x")
    rng = np.random.default_rng(seed)
    laws = []
    while len(laws) < resamples:
        drawn = rng.integers(0, len(x), len(x))
        if len(np.unique(x[drawn])) > 1:
            k, a = fit(x[drawn], y[drawn])
            laws.append(k * at**a)
    low, high = np.quantile(laws, [(1 - coverage) / 2, (1 + coverage) / 2], axis=0)
    return low, high


def fitted_law(
    axes: Axes, fit: Fit, x: Float[np.ndarray, " n"], y: Float[np.ndarray, " n"], upto: float, name: str = "y"
) -> None:
    """The points, the law through them as far as `upto`, and its band of 80 %, on logarithmic axes."""
    k, a = fit(x, y)
    at = np.geomspace(x.min(), upto, 100)
    low, high = bootstrap_band(fit, x, y, at)
    axes.fill_between(at, low, high, alpha=0.25, label="80 % of resampled fits")
    axes.plot(at, k * at**a, label=f"{name} = {k:.3g} C^{a:.3f}")
    axes.plot(x, y, "k.", label="runs")
    axes.set(xscale="log", yscale="log", xlabel="compute C, FLOPs", ylabel=name)
    axes.legend(fontsize="small")


def predicted_against_true(
    axes: Axes, predicted: Float[np.ndarray, " n"], true: Float[np.ndarray, " n"], name: str = "loss"
) -> None:
    """Each prediction over what came true; on the diagonal they agree."""
    ends = [min(predicted.min(), true.min()), max(predicted.max(), true.max())]
    axes.plot(ends, ends, color="grey", linewidth=1, label="equal")
    axes.plot(true, predicted, ".", label=f"{len(true)} runs")
    axes.set(xlabel=f"true {name}", ylabel=f"predicted {name}", aspect="equal")
    axes.legend(fontsize="small")
