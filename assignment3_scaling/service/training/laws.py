"""The laws that a sweep of really trained runs is held against: the plainest fits, for the report of `campaign`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.optimize import least_squares


@dataclass(frozen=True)
class Run:
    """A completed run: non-embedding weights, training tokens, and the loss it ended at in nats."""

    weights: int
    tokens: int
    loss: float


@dataclass(frozen=True)
class Law:
    """L(N, D) = E + A / N^alpha + B / D^beta (Hoffmann et al. 2022, equation 10)."""

    E: float
    A: float
    alpha: float
    B: float
    beta: float

    def loss(self, weights: float, tokens: float) -> float:
        """The loss of a model of that size after that many tokens."""
        return float(self.E + self.A * weights**-self.alpha + self.B * tokens**-self.beta)

    @property
    def size_exponent(self) -> float:
        """a in N_opt ∝ C^a, for C = 6 N D."""
        return self.beta / (self.alpha + self.beta)


def fitted(runs: Sequence[Run], floor: float | None = None) -> Law:
    """The law with the least squares of logarithms of losses, from several starts; with `floor`, E is not fitted.

    The squares are softened beyond 0.01, so that one run that went badly does not decide.
    """
    sizes, tokens, losses = (np.log([getattr(run, name) for run in runs]) for name in ("weights", "tokens", "loss"))
    size, token = sizes.mean(), tokens.mean()  # about which terms are counted, so that one parameter moves one thing
    lowest = float(np.exp(losses.min()))

    def residuals(values: Float[ndarray, " parameters"]) -> Float[ndarray, " runs"]:
        a, alpha, b, beta = values[:4]
        log_floor = np.log(floor) if floor is not None else values[4]
        terms = np.stack([a - alpha * (sizes - size), b - beta * (tokens - token), np.full_like(sizes, log_floor)])
        result: Float[ndarray, " runs"] = np.logaddexp.reduce(terms) - losses
        return result

    found = []
    for alpha, beta in ((alpha, beta) for alpha in (0.25, 0.5) for beta in (0.3, 0.6, 0.9)):
        excess = np.log(0.1 * lowest)
        start = [excess, alpha, excess, beta, *([] if floor is not None else [np.log(0.8 * lowest)])]
        found.append(least_squares(residuals, start, loss="soft_l1", f_scale=0.01))
    best = min(found, key=lambda one: float(one.cost)).x
    free = floor if floor is not None else float(np.exp(best[4]))
    a, alpha, b, beta = map(float, best[:4])
    return Law(free, float(np.exp(a + alpha * size)), alpha, float(np.exp(b + beta * token)), beta)


def optimum(runs: Sequence[Run]) -> float:
    """The best size at one compute budget: the lowest point of a parabola through the losses over log N.

    Raises:
        ValueError: the parabola has none, or has it outside of the sizes that were trained.
    """
    sizes = np.log([run.weights for run in runs])
    curve, slope, _ = np.polyfit(sizes, [run.loss for run in runs], 2)
    lowest = -slope / (2 * curve)
    if curve <= 0 or not sizes.min() <= lowest <= sizes.max():
        raise ValueError(f"the losses at {[run.weights for run in runs]} weights do not enclose a lowest point")
    return float(np.exp(lowest))


def exponent(compute: Sequence[float], sizes: Sequence[float]) -> tuple[float, float]:
    """k and a of N_opt = k C^a, a straight line through the logarithms."""
    a, log_k = np.polyfit(np.log(compute), np.log(sizes), 1)
    return float(np.exp(log_k)), float(a)
