"""What is left of communication when gradients go out in buckets while the backward pass still runs.

s bytes of gradients in n_b equal buckets; an all-reduce takes o seconds to set up, and then moves w bytes a second.
Computing the gradients of a bucket takes as long as moving them. So all buckets but the last hide behind the
computation of the next, and what the backward pass is extended by is the move of the last, and every set-up.
"""


def ddp_overhead(s: float, w: float, o: float, n_b: int) -> float:
    """The seconds by which n_b buckets extend the backward pass."""
    raise NotImplementedError("ddp_bucketed_benchmarking: write ddp_overhead in assignment2_systems/bucket_costs.py")


def best_bucket_bytes(s: float, w: float, o: float) -> float:
    """The size of a bucket at which `ddp_overhead` is least, were the number of buckets any positive real."""
    raise NotImplementedError(
        "ddp_bucketed_benchmarking: write best_bucket_bytes in assignment2_systems/bucket_costs.py"
    )


def best_bucket_count(s: float, w: float, o: float) -> int:
    """The whole number of buckets with the least `ddp_overhead`; of two equal ones the smaller."""
    raise NotImplementedError(
        "ddp_bucketed_benchmarking: write best_bucket_count in assignment2_systems/bucket_costs.py"
    )
