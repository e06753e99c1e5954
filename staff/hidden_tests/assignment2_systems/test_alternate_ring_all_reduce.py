"""Two ways to all-reduce in a ring: how they compare."""


def test_the_naive_ring_is_half_as_many_times_slower_as_there_are_devices(adapters, check, draw):
    for _ in range(5):
        S, N, W = draw.number(1e6, 1e12), draw.integer(2, 5000), draw.number(1e9, 1e12)
        naive, usual = (
            adapters.run_alternate_ring_all_reduce_seconds(S, N, W),
            adapters.run_ring_all_reduce_seconds(S, N, W),
        )
        check.close(usual, 2 * S / W * (1 - 1 / N), rtol=1e-9, who="run_ring_all_reduce_seconds")
        check.close(naive, N / 2 * usual, rtol=1e-9, who="run_alternate_ring_all_reduce_seconds")
