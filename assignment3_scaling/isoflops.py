"""Approach 2 of Hoffmann et al. 2022: at each budget the best of the runs, and a law through these.

A run is a dict with "parameters" (N, an integer), "compute_budget" (C in FLOPs) and "final_loss" (nats a token, None
if the run diverged). Its tokens are D = C / (6 N).
"""

from typing import Any


def isoflop_optima(runs: list[dict[str, Any]]) -> list[tuple[float, float, float, float]]:
    """(C, N, D, loss) of the run with the lowest loss at each budget, sorted by C.

    Of runs with equal losses the smallest model counts. Diverged runs are passed over, and with them a budget that has
    no other. A budget may be written as an integer in one run and as a float in another.
    """
    raise NotImplementedError("chinchilla_isoflops: write isoflop_optima in assignment3_scaling/isoflops.py")


def predict_compute_optimal(runs: list[dict[str, Any]], budgets: list[float]) -> dict[float, tuple[float, float]]:
    """(N, D) that you would train with each of `budgets`, which may lie far beyond those of `runs`.

    How is yours to choose: the lowest runs, parabolas through each budget's runs, or the whole law. There are runs of
    at least three budgets.
    """
    raise NotImplementedError("chinchilla_isoflops: write predict_compute_optimal in assignment3_scaling/isoflops.py")
