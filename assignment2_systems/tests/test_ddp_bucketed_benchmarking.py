"""Buckets: what they leave of communication, and the size at which that is least."""

import pytest

OVERHEAD, SIZE, COUNT = "run_ddp_overhead", "run_best_bucket_bytes", "run_best_bucket_count"


def timeline(s, w, o, n_b):
    """The end of communication after the end of computation, bucket by bucket.

    Every set-up stops the computation; a bucket is moved while the gradients of the next are computed.
    """
    move = s / n_b / w
    computed = moved = 0.0
    for _ in range(n_b):
        computed += move + o
        moved = max(moved, computed) + move
    return moved - n_b * move


def machine(draw):
    """Bytes of gradients, bytes a second, seconds of set-up."""
    return draw.number(1e8, 1e11), draw.number(1e9, 5e11), draw.number(1e-6, 1e-3)


def test_overhead_of_a_random_machine(adapters, check, draw):
    for _ in range(8):
        s, w, o = machine(draw)
        n_b = draw.integer(1, 200)
        found = adapters.run_ddp_overhead(s, w, o, n_b)
        check.close(found, timeline(s, w, o, n_b), rtol=1e-6, who=f"{OVERHEAD} with {n_b} buckets")


def test_one_bucket_hides_nothing(adapters, check, draw):
    s, w, o = machine(draw)
    check.close(adapters.run_ddp_overhead(s, w, o, 1), s / w + o, rtol=1e-9, who=f"{OVERHEAD} with one bucket")


def test_the_best_size_cannot_be_bettered(adapters, check, draw):
    for _ in range(6):
        s, w, o = machine(draw)
        size = adapters.run_best_bucket_bytes(s, w, o)
        check.that(size > 0, f"{SIZE} returned nothing above 0; expected bytes")
        best = size / w + s / size * o
        for factor in (0.5, 0.95, 1.05, 2.0):
            other = factor * size / w + s / (factor * size) * o
            check.that(
                best < other, f"{SIZE} returned a size that takes longer than {factor} times it; expected the best"
            )


def test_the_best_size_by_hand(adapters, check):
    check.close(adapters.run_best_bucket_bytes(1e9, 1e10, 1e-5), 1e7, rtol=1e-9, who=SIZE)


def test_the_best_count_of_random_machines(adapters, check, draw):
    for _ in range(10):
        s, w, o = draw.number(1e7, 1e9), draw.number(1e10, 1e11), draw.number(1e-5, 1e-3)
        costs = [s / (n_b * w) + n_b * o for n_b in range(1, 200)]
        found = adapters.run_best_bucket_count(s, w, o)
        check.equal(found, 1 + costs.index(min(costs)), who=COUNT)


@pytest.mark.parametrize(
    ("s", "count"), [(0.25, 1), (1.0, 1), (1.5, 1), (2.5, 2), (30.2, 6), (29.5, 5), (31.0, 6), (8.0, 3)]
)
def test_the_best_count_is_a_whole_number(adapters, check, s, count):
    found = adapters.run_best_bucket_count(s, 1.0, 1.0)
    check.equal(found, count, who=f"{COUNT} for {s} bytes, 1 byte/s and 1 s", hint="at least one; s/n + n at its least")


def test_of_two_equal_counts_the_smaller_is_best(adapters, check):
    for lower in (1, 2, 5, 9):
        check.equal(adapters.run_best_bucket_count(lower * (lower + 1), 1, 1), lower, who=COUNT)
