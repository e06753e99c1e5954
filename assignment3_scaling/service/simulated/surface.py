"""The loss of a finished run as a function of what was trained, and one student's constants of it.

    raw  = E + A / N^alpha + B / D_eff^beta                    Hoffmann et al. 2022, equation 2
    loss = softmin(raw + (raw - E) * penalties, ln V)

N counts non-embedding parameters, D tokens. The published constants nearest to ours are the re-fit of Besiroglu et
al. 2024. Learning rate and batch size follow the form of Li et al. 2025 (the "Step Law"), in which both are powers of N
and D. That the width of a model for its depth matters little is from Kaplan et al. 2020, section 3.1.
"""

import hashlib
import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

Numbers = Float[NDArray[np.float64], "..."] | float
"""One number or an array of them; a function of several broadcasts them."""

ASPECT = 64.0
"""Width over depth in the middle of the range in which shape does not matter."""
FEED_FORWARD_RATIO = 8 / 3
"""Width of the feed-forward layer over that of the model at which a block has 12 d^2 parameters."""
SOFTMIN_WIDTH = 0.15
"""Within how many nats of ln V a loss feels that nothing is worse than guessing."""


@dataclass(frozen=True)
class Surface:
    """The constants of one surface. Learning rates are AdamW's peak values; batches are in tokens."""

    E: float = 1.8172
    A: float = 482.01
    B: float = 2085.43
    alpha: float = 0.3478
    beta: float = 0.3658
    rate_scale: float = 1.79
    rate_model_exponent: float = 0.713
    rate_data_exponent: float = 0.307
    batch_scale: float = 0.58
    batch_exponent: float = 0.571
    divergence: float = 4.0
    """How many doublings above the best learning rate training breaks down."""
    noise: float = 0.004
    """Standard deviation of a measured loss."""
    salt: str = ""
    """What the noise depends on besides the configuration."""

    def reducible(self, N: Numbers, D: Numbers, batch_tokens: Numbers) -> Numbers:
        """raw - E: what more parameters and more tokens would take away.

        D counts for less the larger the batch is: D_eff = D / (1 + batch / (8 * best batch for D)).
        """
        best_batch = self.batch_scale * D**self.batch_exponent
        effective = D / (1 + batch_tokens / (8 * best_batch))
        return self.A / N**self.alpha + self.B / effective**self.beta

    def best_rate(self, N: Numbers, D: Numbers) -> Numbers:
        """The peak learning rate at which the loss is lowest."""
        return self.rate_scale * N**-self.rate_model_exponent * D**self.rate_data_exponent

    def loss(self, N: Numbers, D: Numbers, batch_tokens: Numbers, penalty: Numbers, vocabulary: int) -> Numbers:
        """The loss without noise in nats a token; `penalty` is the sum of what choices cost, as a share of `raw - E`."""
        raw = self.E + self.reducible(N, D, batch_tokens) * (1 + penalty)
        ceiling = math.log(vocabulary)
        bounded: Numbers = -SOFTMIN_WIDTH * np.logaddexp(-raw / SOFTMIN_WIDTH, -ceiling / SOFTMIN_WIDTH)
        return bounded


def rate_penalty(octaves: Numbers) -> Numbers:
    """The cost of a learning rate `octaves` doublings above the best: flatter below it, and a cliff far above."""
    cliff = np.maximum(0.0, np.subtract(octaves, 2.5))
    return np.where(np.less(octaves, 0.0), 0.012, 0.02) * np.square(octaves) + 0.35 * np.square(cliff)


def shape_penalty(width: Numbers, layers: Numbers, feed_forward: Numbers) -> Numbers:
    """The cost of a shape: none for aspects from 32 to 128 and for feed-forward layers within a fifth of 8/3 width."""
    aspect = np.abs(np.log2(np.divide(width, layers) / ASPECT))
    ratio = np.abs(np.log2(np.divide(feed_forward, width) / FEED_FORWARD_RATIO))
    penalty: Numbers = 0.01 * np.square(np.maximum(0.0, aspect - 1)) + 0.02 * np.square(np.maximum(0.0, ratio - 0.25))
    return penalty


def schedule_penalty(final_fraction: float, warmup_fraction: float) -> float:
    """The cost of a schedule: none if the rate falls to a fifth of its peak or less, and warms up for at most a fifth."""
    return 0.03 * max(0.0, final_fraction - 0.2) ** 2 + 0.1 * max(0.0, warmup_fraction - 0.2) ** 2


def draw(seed: int | str) -> Surface:
    """The surface of the student with this seed. Whoever knows the seed knows the surface: seeds are secret.

    Terms and rates are drawn by what they come to for 10^8 parameters and 2 * 10^9 tokens, and wide enough that published
    constants make a poor bet.
    """
    digest = hashlib.sha256(f"surface\x1f{seed}".encode()).digest()
    rng = np.random.Generator(np.random.Philox(int.from_bytes(digest[:16], "big")))
    published, N, D = Surface(), 1e8, 2e9
    alpha, beta = (float(x) for x in rng.uniform(0.27, 0.42, 2))
    model_term, data_term = (float(x) for x in np.exp(rng.uniform(math.log(0.35), math.log(1.4), 2)))
    model_exponent, data_exponent = float(rng.uniform(0.62, 0.75)), float(rng.uniform(0.24, 0.34))
    best_rate = float(published.best_rate(N, D)) * 2 ** float(rng.uniform(-2, 2))
    return Surface(
        E=float(rng.uniform(1.55, 2.25)),
        A=model_term * N**alpha,
        B=data_term * D**beta,
        alpha=alpha,
        beta=beta,
        rate_scale=best_rate * N**model_exponent / D**data_exponent,
        rate_model_exponent=model_exponent,
        rate_data_exponent=data_exponent,
        batch_scale=published.batch_scale * 2 ** float(rng.uniform(-0.5, 0.5)),
        divergence=float(rng.uniform(3.5, 4.5)),
        salt=digest.hex(),
    )
