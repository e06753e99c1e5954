"""The sum that a parametric fit makes small, and the least that a search finds."""

import numpy as np
from scipy.optimize import minimize

DELTA = 1e-3


def huber_sum(constants, N, D, L):
    """The sum of Huber losses of ln L(N, D) - ln L, in units of delta², for (E, A, B, alpha, beta)."""
    E, A, B, alpha, beta = constants
    with np.errstate(all="ignore"):
        far = np.abs(np.log(E + A * N**-alpha + B * D**-beta) - np.log(L)) / DELTA
        total = float(np.where(far <= 1, far**2 / 2, far - 0.5).sum())
    return total if np.isfinite(total) else float("inf")


def best_sum(law, N, D, L):
    """The least sum near the law behind the runs: its constants, and what a search without slopes makes of them."""

    def at(x):
        return huber_sum([*np.exp(x[:3]), *x[3:]], N, D, L)

    start = [*np.log([law.E, law.A, law.B]), law.alpha, law.beta]
    for _ in range(3):
        found = minimize(at, start, method="Nelder-Mead", options={"maxfev": 3000, "xatol": 1e-9, "fatol": 1e-9})
        start = found.x
    return float(found.fun)
