"""Time and arithmetic of one feed-forward layer on many devices, and when communication holds them up.

The layer is y = (f(x W1) * (x W2)) W3 with W1 and W2 of shape [D, F] and W3 of shape [F, D], on a batch of B tokens;
all numbers in messages have two bytes. N devices of C FLOP/s send W bytes/s each, in a ring. A product of [m, n] and
[n, p] is 2 m n p FLOP, and nothing else counts. On V bytes, all-gather and reduce-scatter take (N - 1) / N * V / W
seconds, all-reduce twice that. "Compute-bound": computing takes at least as long as communicating.
"""

PRODUCT = 2
"""FLOP a multiplication and addition."""
WIDTH = 2
"""Bytes of a number in a message."""


def alternate_ring_all_reduce_seconds(S: float, N: int, W: float) -> float:
    """The naive all-reduce of S bytes: N - 1 times, each device passes a whole tensor on to its neighbour."""
    return (N - 1) * S / W


def ring_all_reduce_seconds(S: float, N: int, W: float) -> float:
    """The usual all-reduce of S bytes: a reduce-scatter, then an all-gather, each in N - 1 steps of S / N bytes."""
    return 2 * (N - 1) * S / (N * W)


def data_parallel_backward_flops(B: int, D: int, F: int, N: int) -> float:
    """The FLOP of a backward pass on each of N devices that share the batch: two products for each of the forward's."""
    return 6 * PRODUCT * B * D * F / N


def data_parallel_backward_seconds(D: int, F: int, N: int, W: float) -> float:
    """The seconds of the all-reduce of the gradients of the three matrices."""
    return ring_all_reduce_seconds(3 * WIDTH * D * F, N, W)


def data_parallel_max_devices(B: int, W: float, C: float) -> float:
    """The largest N, as a real number, at which the backward pass is compute-bound, both overlapping perfectly."""
    return 1 + B * W / C


def _gather_seconds(V: float, N: int, W: float) -> float:
    """All-gather, or reduce-scatter."""
    return (N - 1) * V / (N * W)


def fsdp_flops(B: int, D: int, F: int, N: int) -> tuple[float, float]:
    """The FLOP of the forward and of the backward pass on each device, weights and batch divided by N."""
    forward = 3 * PRODUCT * B * D * F / N
    return forward, 2 * forward


def fsdp_seconds(D: int, F: int, N: int, W: float) -> tuple[float, float]:
    """The seconds of communication in the forward pass (gather the weights) and in the backward pass (gather them
    again, reduce-scatter their gradients)."""
    weights = 3 * WIDTH * D * F
    gather = _gather_seconds(weights, N, W)
    scatter = _gather_seconds(weights, N, W)
    return gather, gather + scatter


def fsdp_max_devices(B: int, W: float, C: float) -> tuple[float, float]:
    """The largest N, as a real number, at which the forward and the backward pass are compute-bound."""
    forward = 1 + B * W / C
    backward = 1 + B * W / C
    return forward, backward


def tensor_parallel_flops(B: int, D: int, F: int, N: int) -> tuple[float, float]:
    """The FLOP of the forward and of the backward pass on each device, F divided by N, the batch on all."""
    per_product = PRODUCT * B * D * F / N
    return 3 * per_product, 6 * per_product


def tensor_parallel_seconds(B: int, D: int, N: int, W: float) -> tuple[float, float]:
    """The seconds of communication in the forward pass (all-reduce y) and in the backward pass (all-reduce dx)."""
    activations = ring_all_reduce_seconds(WIDTH * B * D, N, W)
    return activations, activations


def tensor_parallel_max_devices(F: int, W: float, C: float) -> tuple[float, float]:
    """The largest N, as a real number, at which the forward and the backward pass are compute-bound."""
    return 1 + 3 * F * W / (2 * C), 1 + 3 * F * W / C


def fsdp_tp_flops(B: int, D: int, F: int, N_F: int, N_T: int) -> float:
    """The FLOP of the forward pass on each of N_F * N_T devices: batch divided by N_F, F by N_T."""
    return 3 * PRODUCT * B * D * F / (N_F * N_T)


def fsdp_tp_seconds(B: int, D: int, F: int, N_F: int, N_T: int, W: float) -> tuple[float, float]:
    """The seconds of communication in the forward pass: gathering weights over N_F devices, and the all-reduce of y
    over N_T devices.

    A device gathers the weights of its N_T-th part of F, and reduces the outputs of its N_F-th part of the batch.
    Each of the two has links of W bytes/s for itself.
    """
    gather = _gather_seconds(3 * WIDTH * D * F / N_T, N_F, W)
    reduce = ring_all_reduce_seconds(WIDTH * B * D / N_F, N_T, W)
    return gather, reduce


def fsdp_tp_max_devices_overlapped(B: int, F: int, W: float, C: float) -> tuple[float, float, float]:
    """The largest N_F * N_T at which the forward pass is compute-bound, and its N_F and N_T, all as real numbers.

    Computing takes at least as long as the longer of the two communications, which run at the same time.
    """
    alpha, tau = B * W / C, 3 * F * W / (2 * C)
    N_F, N_T = 1 + alpha, 1 + tau
    return N_F * N_T, N_F, N_T


def fsdp_tp_max_devices_in_turn(B: int, F: int, W: float, C: float) -> tuple[float, float, float]:
    """The same, if the two communications run one after the other: computing takes at least as long as their sum.

    (N_F - 1) / alpha + (N_T - 1) / tau <= 1 cuts off a triangle, and the product of the sides is largest where both
    terms N_F / alpha and N_T / tau are equal; or at the corner that is nearest, if one of the sides were below 1.
    """
    alpha, tau = B * W / C, 3 * F * W / (2 * C)
    total = 1 + 1 / alpha + 1 / tau
    N_F = min(max(alpha * total / 2, 1.0), 1 + alpha)
    N_T = 1 + tau * (1 - (N_F - 1) / alpha)
    return N_F * N_T, N_F, N_T
