"""Laws and how to fit them: a power law of one variable, the loss of a model of N parameters after D tokens.

The loss is L(N, D) = E + A / N^alpha + B / D^beta in nats a token; training takes C = 6 N D FLOPs
(Hoffmann et al. 2022, section 3.3). numpy and scipy may be used.
"""

import math

import numpy as np
from jaxtyping import Float
from scipy.optimize import minimize, nnls
from scipy.special import huber, softmax

DELTA = 1e-3
EXPONENTS = np.linspace(0.1, 1.0, 10)
STARTS = 8


def fit_power_law(x: Float[np.ndarray, " n"], y: Float[np.ndarray, " n"]) -> tuple[float, float]:
    """(k, a) of y ≈ k x^a: the straight line through (ln x, ln y) with the least sum of squares.

    All numbers are finite, positive and float64, in no particular order.

    Raises:
        ValueError: fewer than two different values of x; no line is determined.
    """
    u, v = np.log(x), np.log(y)
    if len(np.unique(x)) < 2:
        raise ValueError("fit_power_law needs at least two different values of x")
    from_mean = u - u.mean()
    a = float(from_mean @ (v - v.mean()) / (from_mean @ from_mean))
    return math.exp(v.mean() - a * u.mean()), a


def compute_optimal(E: float, A: float, B: float, alpha: float, beta: float, C: float) -> tuple[float, float, float]:
    """(N, D, L): the parameters, tokens and loss of the best training with C FLOPs, in closed form.

    Of all N and D with 6 N D = C those with the least loss (Hoffmann et al. 2022, equation 4). Real numbers, not rounded.
    """
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    D = (C / 6) ** (alpha / (alpha + beta)) / G
    return N, D, E + A * N**-alpha + B * D**-beta


def fit_parametric_loss(
    N: Float[np.ndarray, " n"], D: Float[np.ndarray, " n"], L: Float[np.ndarray, " n"]
) -> dict[str, float]:
    """The constants "E", "A", "B", "alpha", "beta" of the law that fits the runs best.

    Best has the least sum of Huber losses, with delta = 1e-3, of the residuals ln L(N_i, D_i) - ln L_i
    (Hoffmann et al. 2022, equation 3). All five constants are positive. There are at least 20 runs.

    The objective has several minima, so the search starts from many places: for each pair of exponents of a grid the
    three other constants are a linear problem, and the pairs that fit best are polished together.
    """
    n, d, target = np.log(N), np.log(D), np.log(L)

    def objective(theta: Float[np.ndarray, " 5"]) -> tuple[float, Float[np.ndarray, " 5"]]:
        """The sum of Huber losses in units of delta², and its gradient, at (ln E, ln A, ln B, alpha, beta)."""
        e, a, b, alpha, beta = theta
        terms = np.stack([np.full_like(n, e), a - alpha * n, b - beta * d])
        residuals = np.logaddexp.reduce(terms) - target
        shares = softmax(terms, axis=0) * np.clip(residuals / DELTA, -1, 1) / DELTA
        gradient = [*shares.sum(axis=1), -shares[1] @ n, -shares[2] @ d]
        return huber(DELTA, residuals).sum() / DELTA**2, np.array(gradient)

    found = [
        minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 3000, "ftol": 1e-15, "gtol": 1e-9})
        for start in _starts(N, D, L)
    ]
    e, a, b, alpha, beta = min(found, key=lambda result: result.fun).x
    return {"E": math.exp(e), "A": math.exp(a), "B": math.exp(b), "alpha": float(alpha), "beta": float(beta)}


def _starts(
    N: Float[np.ndarray, " n"], D: Float[np.ndarray, " n"], L: Float[np.ndarray, " n"]
) -> list[Float[np.ndarray, " 5"]]:
    """Where to start: the best pairs of exponents on a grid, each with E, A and B by least squares.

    The columns are scaled to their largest value, so that terms of all sizes weigh the same.
    """
    found = []
    for alpha in EXPONENTS:
        for beta in EXPONENTS:
            small, few = N.min() ** -alpha, D.min() ** -beta
            columns = np.stack([np.ones_like(L), N**-alpha / small, D**-beta / few], axis=1)
            (E, A, B), error = nnls(columns, L)
            constants = np.maximum([E, A / small, B / few], 1e-6)
            found.append((error, [*np.log(constants), alpha, beta]))
    return [np.array(start) for _, start in sorted(found)[:STARTS]]
