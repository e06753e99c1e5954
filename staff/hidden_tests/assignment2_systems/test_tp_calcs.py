"""Tensor parallelism: random shards, and closed forms."""

from itertools import pairwise

import numpy as np
import pytest


@pytest.mark.parametrize("number", range(3))
def test_random_shards(drivers, check, draw, number):
    """With f the square, every gradient is written out for the whole layer."""
    B, D = draw.integer(1, 8), draw.integer(1, 9)
    widths = [draw.integer(1, 5) for _ in range(draw.integer(1, 6))]
    edges = np.cumsum([0, *widths])
    x, dy = draw.normal(B, D).double().numpy(), draw.normal(B, D).double().numpy()
    W1, W2 = (draw.normal(D, int(edges[-1])).double().numpy() for _ in range(2))
    W3 = draw.normal(int(edges[-1]), D).double().numpy()
    x1, x2 = x @ W1, x @ W2
    z = x1**2 * x2
    dz = dy @ W3.T
    dx1, dx2 = 2 * dz * x1 * x2, dz * x1**2
    columns = {"W1s": W1, "W2s": W2, "x1s": x1, "x2s": x2, "zs": z}
    spans = list(pairwise(edges))
    shards = {name: [np.ascontiguousarray(array[:, a:b]) for a, b in spans] for name, array in columns.items()}
    shards["W3s"] = [np.ascontiguousarray(W3[a:b]) for a, b in spans]
    found, reduced = drivers.tp_gradients(dy, x, shards, "square")
    check.equal(reduced, [[(B, D)] * len(widths)], who="run_tp_backward, as shapes given to all_reduce, by call,")
    parts = [(x.T @ dx1, 1), (x.T @ dx2, 1), (z.T @ dy, 0)]
    expected = [[part[:, a:b] if axis else part[a:b] for a, b in spans] for part, axis in parts]
    shards_found = [[found[0]], *found[1:]]
    for name, got, wanted in zip(
        ("dx", "dW1s", "dW2s", "dW3s"), shards_found, ([dx1 @ W1.T + dx2 @ W2.T], *expected), strict=True
    ):
        shapes = [part.shape for part in got], [part.shape for part in wanted]
        check.equal(*shapes, who=f"run_tp_backward, as the shapes of {name},")
        scale = max(np.abs(part).max() for part in wanted)
        error = max(np.abs(one - other).max() for one, other in zip(got, wanted, strict=True)) / scale
        check.that(error < 1e-9, f"run_tp_backward: {name} is off by {error:.1g}; expected the whole layer's gradient")


def test_closed_forms(adapters, check, draw):
    for _ in range(6):
        B, D, F, N = draw.integer(1, 10**7), draw.integer(1, 10**5), draw.integer(1, 10**5), draw.integer(1, 10**4)
        W, C = draw.number(1e8, 1e12), draw.number(1e12, 1e16)
        flops, seconds = (
            adapters.run_tensor_parallel_flops(B, D, F, N),
            adapters.run_tensor_parallel_seconds(B, D, N + 1, W),
        )
        devices = adapters.run_tensor_parallel_max_devices(F, W, C)
        for place in (0, 1):
            check.close(flops[place], (6, 12)[place] * B * D * F / N, rtol=1e-9, who="run_tensor_parallel_flops")
            check.close(seconds[place], 4 * B * D * N / ((N + 1) * W), rtol=1e-9, who="run_tensor_parallel_seconds")
            expected = 1 + (1.5, 3)[place] * F * W / C
            check.close(devices[place], expected, rtol=1e-9, who="run_tensor_parallel_max_devices")
