"""The loss function that the course of 2024 and 2025 gave out, on the same surfaces as the training API.

Its model had learned positions, LayerNorm, dropout and no warm-up, and its tuned rates lay between 1e-4 and 1e-3: here, the best
rate of a surface is divided by eight. D is train_flops / 6N, the sequences of a batch have 512 tokens.
"""

import json
import math
from dataclasses import asdict, replace
from functools import lru_cache

from assignment3_scaling.service.offline import Point
from assignment3_scaling.service.simulated.noise import standard_normal
from assignment3_scaling.service.simulated.plan import LIMITS, VOCABULARY
from assignment3_scaling.service.simulated.surface import (
    FEED_FORWARD_RATIO,
    Surface,
    draw,
    rate_penalty,
    shape_penalty,
)

RATE_RATIO = 8.0
HEAD_DIM = 64.0
"""Heads of half to twice this width are as good as any."""


def loss(point: Point, seed: int | str) -> float:
    """The measured loss at a point on the surface of this seed; the same each time."""
    surface = _surface(seed)
    noise = standard_normal(surface.salt, "offline", json.dumps(asdict(point), sort_keys=True))
    return true_loss(point, surface) + surface.noise * noise


def true_loss(point: Point, surface: Surface) -> float:
    """The loss without noise."""
    N = 12.0 * point.num_layers * point.d_model**2
    D = point.train_flops / (6 * N)
    octaves = math.log2(point.learning_rate / float(surface.best_rate(N, D)))
    penalty = float(rate_penalty(octaves))
    penalty += float(shape_penalty(point.d_model, point.num_layers, point.d_model * FEED_FORWARD_RATIO))
    penalty += 0.01 * max(0.0, abs(math.log2(point.d_model / point.num_heads / HEAD_DIM)) - 1) ** 2
    return float(surface.loss(N, D, float(point.batch_size * LIMITS.seq_len), penalty, VOCABULARY))


@lru_cache(maxsize=1024)
def _surface(seed: int | str) -> Surface:
    surface = draw(seed)
    return replace(surface, rate_scale=surface.rate_scale / RATE_RATIO)
