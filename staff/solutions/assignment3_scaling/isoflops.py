"""Approach 2 of Hoffmann et al. 2022: at each budget the best of the runs, and a law through these.

A run is a dict with "parameters" (N, an integer), "compute_budget" (C in FLOPs) and "final_loss" (nats a token, None
if the run diverged). Its tokens are D = C / (6 N).
"""

import math
from collections import defaultdict
from typing import Any

import numpy as np

from assignment3_scaling.fitting import fit_power_law


def isoflop_optima(runs: list[dict[str, Any]]) -> list[tuple[float, float, float, float]]:
    """(C, N, D, loss) of the run with the lowest loss at each budget, sorted by C.

    Of runs with equal losses the smallest model counts. Diverged runs are passed over, and with them a budget that has
    no other. A budget may be written as an integer in one run and as a float in another.
    """
    optima = []
    for budget, profile in _profiles(runs).items():
        loss, parameters = min((run["final_loss"], run["parameters"]) for run in profile)
        optima.append((budget, parameters, budget / (6 * parameters), loss))
    return sorted(optima)


def predict_compute_optimal(runs: list[dict[str, Any]], budgets: list[float]) -> dict[float, tuple[float, float]]:
    """(N, D) that you would train with each of `budgets`, which may lie far beyond those of `runs`.

    How is yours to choose: the lowest runs, parabolas through each budget's runs, or the whole law. There are runs of
    at least three budgets.
    """
    minima = [(budget, _minimum(profile)) for budget, profile in _profiles(runs).items()]
    k, a = fit_power_law(*np.array(minima).T)
    return {budget: (k * budget**a, budget / (6 * k * budget**a)) for budget in budgets}


def _profiles(runs: list[dict[str, Any]]) -> dict[float, list[dict[str, Any]]]:
    """The runs that did not diverge, by budget."""
    profiles = defaultdict(list)
    for run in runs:
        if run["final_loss"] is not None:
            profiles[float(run["compute_budget"])].append(run)
    return profiles


def _minimum(profile: list[dict[str, Any]]) -> float:
    """The size at the bottom of a parabola in ln N through the lowest run and those nearest to it.

    A parabola describes a profile near its bottom only, so runs of more than a factor of 4 away are left out. Where it
    has no bottom among the runs, the lowest run has to do.
    """
    best = min(profile, key=lambda run: (run["final_loss"], run["parameters"]))["parameters"]
    near = [run for run in profile if 1 / 4 <= run["parameters"] / best <= 4]
    x = np.log([run["parameters"] / best for run in near])
    if len(set(x)) < 4:
        return float(best)
    curvature, slope, _ = np.polyfit(x, [run["final_loss"] for run in near], 2)
    bottom = -slope / (2 * curvature)
    return best * math.exp(bottom) if curvature > 0 and min(x) <= bottom <= max(x) else float(best)
