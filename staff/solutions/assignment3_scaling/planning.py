"""A sweep for isoFLOP profiles: which models to train at which budgets, so that all of it can be paid for."""

import copy
import math
from collections.abc import Iterator
from typing import Any

from assignment3_scaling.accounting import non_embedding_params

SEQ_LEN = 512
HEADROOM = 1.1
NARROW, MIDDLE, WIDE = 32, 64, 128
EDGE, INNER = 2.0, (0.7, 1.0, 1.4)
"""A level reaches from a half of the expected optimum to twice; in between are sizes at these multiples of it."""


def plan_sweep(
    budget_seconds: float,
    levels: list[float],
    law: dict[str, float],
    time_model: dict[str, float],
    template: dict[str, Any],
) -> list[dict[str, Any]]:
    """Training configurations for the API: at least five models a level, around the optimum that is expected there.

    `levels` are budgets of compute C in FLOPs, `law` has "k" and "a" of the expected optimum N = k C^a, and
    `time_model` the keys "startup_seconds", "seconds_per_token_and_layer" and "seconds_per_token_and_parameter".
    `template` is a valid configuration that says all that is not planned. What holds of a plan, and which levels it may
    leave out where the budget is too small for all, is in the handout.
    """
    plan: list[dict[str, Any]] = []
    left = budget_seconds
    for C in sorted(levels):
        shapes = _bracket(law["k"] * C ** law["a"], template["architecture_config"]["head_dim"])
        runs = [_run(C, *shape, time_model, template) for shape in shapes]
        left -= math.fsum(run["max_runtime_seconds"] for run in runs)
        if left < 0:
            break
        plan += runs
    return plan


def _bracket(N: float, head_dim: int) -> list[tuple[int, int]]:
    """(width, layers) of five models around N: the nearest beyond each edge, and three between."""
    shapes = list(_shapes(EDGE**2 * N, head_dim))
    small = [shape for shape in shapes if _size(shape) <= N / EDGE]
    large = [shape for shape in shapes if _size(shape) >= N * EDGE]
    inner = [_nearest(shapes, factor * N) for factor in INNER]
    return [max(small, key=_size), *inner, min(large, key=_size)]


def _run(C: float, width: int, layers: int, time_model: dict[str, float], template: dict[str, Any]) -> dict[str, Any]:
    """The template with this model, trained with C FLOPs for as long as that takes, and some more."""
    run = copy.deepcopy(template)
    shape = run["architecture_config"]
    heads = width // shape["head_dim"]
    shape |= {"hidden_size": width, "num_hidden_layers": layers, "intermediate_size": round(8 * width / 3)}
    shape |= {"num_attention_heads": heads, "num_key_value_heads": heads}

    parameters = non_embedding_params(layers, width)
    granule = SEQ_LEN * run["train_batch_size"] * run["n_evals"]
    tokens = granule * max(1, round(C / (6 * parameters * granule)))
    per_token = time_model["seconds_per_token_and_layer"] * layers
    per_token += time_model["seconds_per_token_and_parameter"] * (parameters + shape["vocab_size"] * width)
    seconds = time_model["startup_seconds"] + tokens * per_token
    return run | {"total_train_tokens": tokens, "max_runtime_seconds": max(1.0, HEADROOM * seconds)}


def _shapes(N: float, head_dim: int) -> Iterator[tuple[int, int]]:
    """(width, layers) of all models that are 32 to 128 times as wide as deep, up to beyond N parameters."""
    widest = (N * WIDE / 12) ** (1 / 3) + head_dim
    for width in range(head_dim, math.ceil(widest) + 1, head_dim):
        for layers in range(math.ceil(width / WIDE), width // NARROW + 1):
            yield width, layers


def _size(shape: tuple[int, int]) -> int:
    width, layers = shape
    return non_embedding_params(layers, width)


def _nearest(shapes: list[tuple[int, int]], N: float) -> tuple[int, int]:
    """The model nearest to N parameters; of models about equally near, that of the usual shape."""

    def misfit(shape: tuple[int, int]) -> float:
        width, layers = shape
        return abs(math.log(_size(shape) / N)) + 0.05 * abs(math.log(width / layers / MIDDLE))

    return min(shapes, key=misfit)
