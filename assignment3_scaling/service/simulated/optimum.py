"""The best run there is: what a final submission is measured against.

Searched for numerically, because seconds depend on more than N and D. Where they do not (a machine with costs of
parameters only, batches of no cost), the closed form of Hoffmann et al. 2022 is the optimum, and a test holds the two
together: N = G (C / 6)^(beta / (alpha + beta)) with G = (alpha A / (beta B))^(1 / (alpha + beta)).
"""

from dataclasses import dataclass

import numpy as np

from assignment3_scaling.service.simulated.machine import Machine
from assignment3_scaling.service.simulated.plan import LIMITS, VOCABULARY
from assignment3_scaling.service.simulated.surface import ASPECT, FEED_FORWARD_RATIO, Surface, shape_penalty

WIDTHS = np.arange(32, 16_385, 32)
BATCHES = 2.0 ** np.arange(0, 12)
ASPECTS = ASPECT * 2.0 ** np.linspace(-1.5, 1.5, 13)
"""Shapes that are looked at: all without a penalty, and some beyond."""


@dataclass(frozen=True)
class Optimum:
    """The best run of at most some seconds; `batch` is in sequences, `loss` without noise."""

    seconds: float
    N: int
    D: float
    layers: int
    width: int
    batch: int
    learning_rate: float
    loss: float


def optimum(surface: Surface, machine: Machine, seconds: float) -> Optimum:
    """The lowest loss that `seconds` of the machine can bring, with the best learning rate and schedule.

    The width is a multiple of 32; the tokens are not rounded to whole steps. Memory is not looked at: a batch of the
    best size fits many times.
    """
    width, aspect, batch = np.meshgrid(WIDTHS.astype(float), ASPECTS, BATCHES, indexing="ij")
    layers = np.maximum(1.0, np.round(width / aspect))
    N = 12 * layers * width**2
    tokens = batch * LIMITS.seq_len
    D = seconds / machine.seconds(N, 1.0, layers, width, tokens, VOCABULARY)
    D = np.minimum(D, LIMITS.max_train_tokens)
    shape = shape_penalty(width, layers, width * FEED_FORWARD_RATIO)
    loss = np.asarray(surface.loss(N, D, tokens, shape, VOCABULARY))
    best = np.unravel_index(np.argmin(loss), loss.shape)
    return Optimum(
        seconds=seconds,
        N=int(N[best]),
        D=float(D[best]),
        layers=int(layers[best]),
        width=int(width[best]),
        batch=int(batch[best]),
        learning_rate=float(surface.best_rate(float(N[best]), float(D[best]))),
        loss=float(loss[best]),
    )
