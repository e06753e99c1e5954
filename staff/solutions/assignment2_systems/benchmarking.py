"""Timing a function that may return before its work is done, and what a handful of timings say."""

import math
import statistics
import timeit
from collections.abc import Callable, Sequence


def benchmark(
    fn: Callable[[], object],
    warmup: int,
    steps: int,
    sync: Callable[[], object] | None = None,
    clock: Callable[[], float] = timeit.default_timer,
) -> list[float]:
    """The seconds of each of `steps` calls of `fn`, in order, after `warmup` calls that are not timed.

    `sync` returns when all work that `fn` has queued is done (`torch.cuda.synchronize` on a GPU; None where nothing
    is queued). It is called once after each call of `fn`, in the warm-up, too. The time of a call runs, by `clock`,
    from before `fn` until its `sync` has returned.
    """
    wait = sync if sync is not None else lambda: None
    for _ in range(warmup):
        fn()
        wait()
    timings = []
    for _ in range(steps):
        start = clock()
        fn()
        wait()
        timings.append(clock() - start)
    return timings


def summarise_timings(timings: Sequence[float]) -> dict[str, float]:
    """The "mean" of at least one timing, and the sample standard deviation "std".

    The squared deviations are divided by one less than there are timings. A single timing says nothing about
    spread: its "std" is NaN.
    """
    spread = statistics.stdev(timings) if len(timings) > 1 else math.nan
    return {"mean": statistics.fmean(timings), "std": spread}
