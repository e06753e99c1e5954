"""What is left of communication when gradients go out in buckets while the backward pass still runs.

s bytes of gradients in n_b equal buckets; an all-reduce takes o seconds to set up, and then moves w bytes a second.
Computing the gradients of a bucket takes as long as moving them. So all buckets but the last hide behind the
computation of the next, and what the backward pass is extended by is the move of the last, and every set-up.
"""

import math


def ddp_overhead(s: float, w: float, o: float, n_b: int) -> float:
    """The seconds by which n_b buckets extend the backward pass."""
    return s / (n_b * w) + n_b * o


def best_bucket_bytes(s: float, w: float, o: float) -> float:
    """The size of a bucket at which `ddp_overhead` is least, were the number of buckets any positive real."""
    return math.sqrt(s * w * o)


def best_bucket_count(s: float, w: float, o: float) -> int:
    """The whole number of buckets with the least `ddp_overhead`; of two equal ones the smaller."""
    below = max(1, math.floor(s / best_bucket_bytes(s, w, o)))
    return min(below, below + 1, key=lambda n_b: ddp_overhead(s, w, o, n_b))
