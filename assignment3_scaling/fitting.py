"""Laws and how to fit them: a power law of one variable, the loss of a model of N parameters after D tokens.

The loss is L(N, D) = E + A / N^alpha + B / D^beta in nats a token; training takes C = 6 N D FLOPs
(Hoffmann et al. 2022, section 3.3). numpy and scipy may be used.
"""

import numpy as np
from jaxtyping import Float


def fit_power_law(x: Float[np.ndarray, " n"], y: Float[np.ndarray, " n"]) -> tuple[float, float]:
    """(k, a) of y ≈ k x^a: the straight line through (ln x, ln y) with the least sum of squares.

    All numbers are finite, positive and float64, in no particular order.

    Raises:
        ValueError: fewer than two different values of x; no line is determined.
    """
    raise NotImplementedError("power_law_fit: write fit_power_law in assignment3_scaling/fitting.py")


def compute_optimal(E: float, A: float, B: float, alpha: float, beta: float, C: float) -> tuple[float, float, float]:
    """(N, D, L): the parameters, tokens and loss of the best training with C FLOPs, in closed form.

    Of all N and D with 6 N D = C those with the least loss (Hoffmann et al. 2022, equation 4). Real numbers, not rounded.
    """
    raise NotImplementedError("compute_optimal: write compute_optimal in assignment3_scaling/fitting.py")


def fit_parametric_loss(
    N: Float[np.ndarray, " n"], D: Float[np.ndarray, " n"], L: Float[np.ndarray, " n"]
) -> dict[str, float]:
    """The constants "E", "A", "B", "alpha", "beta" of the law that fits the runs best.

    Best has the least sum of Huber losses, with delta = 1e-3, of the residuals ln L(N_i, D_i) - ln L_i
    (Hoffmann et al. 2022, equation 3). All five constants are positive. There are at least 20 runs.
    """
    raise NotImplementedError("parametric_fit: write fit_parametric_loss in assignment3_scaling/fitting.py")
