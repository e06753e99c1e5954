"""One feed-forward layer on many devices, by listing every product and every message: the expected values of the tests.

Nothing is simplified: a product is (rows, inner, columns), a message (collective, devices, bytes of the whole tensor).
No worker ever sees this file.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

ROUNDS = {"all_gather": 1, "reduce_scatter": 1, "all_reduce": 2}
"""How often each collective sends the tensor round the ring, but for its own part."""

Product = tuple[float, float, float]
Message = tuple[str, int, float]


class Layer(NamedTuple):
    """Sizes of the layer, and of the machine: bytes/s a device sends, FLOP/s it computes."""

    B: int
    D: int
    F: int
    W: float
    C: float


def random_layer(draw: Any) -> Layer:
    return Layer(
        draw.integer(1000, 10**6),
        draw.integer(64, 20_000),
        draw.integer(64, 60_000),
        draw.number(1e10, 1e12),
        draw.number(1e13, 1e15),
    )


def forward(B: float, D: float, F: float) -> list[Product]:
    return [(B, D, F), (B, D, F), (B, F, D)]


def backward(B: float, D: float, F: float) -> list[Product]:
    """For each product of the forward pass, the gradients of either factor."""
    return [
        pair for rows, inner, columns in forward(B, D, F) for pair in ((rows, columns, inner), (inner, rows, columns))
    ]


def weights(D: float, F: float) -> list[float]:
    """The bytes of each matrix in a message."""
    return [2 * D * F, 2 * D * F, 2 * F * D]


def flops(products: Iterable[Product]) -> float:
    return sum(2 * rows * inner * columns for rows, inner, columns in products)


def seconds(messages: Iterable[Message], W: float) -> float:
    """In a ring, a device sends (n - 1) parts of n in each round."""
    return sum(ROUNDS[kind] * (size / devices) * (devices - 1) / W for kind, devices, size in messages)


def largest(holds: Callable[[float], bool], high: float = 1e12) -> float:
    """The largest N from 1 on for which a condition holds that, once lost, is lost for good."""
    low = 1.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
