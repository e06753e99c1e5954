"""Two ways to all-reduce in a ring, counted step by step."""

import pytest


@pytest.mark.parametrize("N", [1, 2, 3, 8, 100])
def test_the_naive_ring_ships_the_whole_tensor_in_every_step(adapters, check, draw, N):
    S, W = draw.number(1e6, 1e12), draw.number(1e9, 1e12)
    seconds = sum(S / W for _ in range(N - 1))
    check.close(adapters.run_alternate_ring_all_reduce_seconds(S, N, W), seconds, rtol=1e-9, who=
        f"run_alternate_ring_all_reduce_seconds with {N} devices")  # fmt: skip


@pytest.mark.parametrize("N", [1, 2, 3, 8, 100])
def test_the_usual_ring_ships_a_part_in_every_step(adapters, check, draw, N):
    S, W = draw.number(1e6, 1e12), draw.number(1e9, 1e12)
    seconds = sum(S / N / W for _ in ("reduce_scatter", "all_gather") for _ in range(N - 1))
    check.close(
        adapters.run_ring_all_reduce_seconds(S, N, W),
        seconds,
        rtol=1e-9,
        who=f"run_ring_all_reduce_seconds with {N} devices",
    )
