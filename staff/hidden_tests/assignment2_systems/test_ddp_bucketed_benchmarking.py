"""Buckets: closed forms on other machines, and a set-up that costs more than everything else."""

import math


def test_closed_forms(adapters, check, draw):
    for _ in range(8):
        s, w, o = draw.number(1e6, 1e12), draw.number(1e8, 1e12), draw.number(1e-7, 1e-2)
        n_b = draw.integer(1, 5000)
        check.close(adapters.run_ddp_overhead(s, w, o, n_b), s / n_b / w + o * n_b, rtol=1e-9, who="run_ddp_overhead")
        check.close(
            adapters.run_best_bucket_bytes(s, w, o), math.sqrt(s * w * o), rtol=1e-9, who="run_best_bucket_bytes"
        )


def test_an_expensive_set_up_wants_one_bucket(adapters, check, draw):
    check.equal(adapters.run_best_bucket_count(draw.number(1e3, 1e6), 1e10, 0.1), 1, who="run_best_bucket_count")


def test_many_buckets(adapters, check, draw):
    for _ in range(5):
        s, w, o = draw.number(1e10, 1e11), draw.number(1e10, 1e11), draw.number(1e-6, 1e-5)
        found = adapters.run_best_bucket_count(s, w, o)
        check.that(found >= 1, "run_best_bucket_count returned no bucket")
        costs = {n_b: s / (n_b * w) + n_b * o for n_b in range(max(1, found - 1), found + 2)}
        check.that(costs[found] == min(costs.values()), "run_best_bucket_count: one bucket more or less is better")
