"""Time as a ratio: the student's call against a yardstick, interleaved, on the trusted side's clock."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager


class Stopwatch:
    """The calls get the repetition's number, so that each can have fresh inputs and every result can be checked.

    While the yardstick runs, the student's side stands still: what a hand-in left running in the background must not
    make the yardstick slow.
    """

    fewest, most = 2, 6
    """How often each is called: at least, and where the ratio is not low enough yet. Other programs on the machine
    can only make a time longer, so the best of more is nearer to the truth."""

    def __init__(self, still: Callable[[], AbstractContextManager[None]], denied: Callable[[], float]) -> None:
        """`denied` tells how many seconds a busy machine has taken from the student's side since the beginning."""
        self._still, self._denied = still, denied

    def ratio(self, student: Callable[[int], object], yardstick: Callable[[int], object], *, enough: float) -> float:
        """Best time of `student` over best time of `yardstick`; student, yardstick, student, yardstick, …

        Ends early where the ratio is well below `enough`: near to it, a busy machine must not decide. The student's
        comes first: it finds no result of the yardstick in any cache or freed memory.
        """
        ours, theirs = [], []
        for repetition in range(self.most):
            denied = self._denied()
            taken = _seconds(student, repetition)
            ours.append(taken - (self._denied() - denied))
            with self._still():
                theirs.append(_own_seconds(yardstick, repetition))
            if repetition + 1 >= self.fewest and min(ours) / min(theirs) < enough / 2:
                break
        return min(ours) / min(theirs)


def _seconds(function: Callable[[int], object], repetition: int) -> float:
    start = time.perf_counter()
    function(repetition)
    return time.perf_counter() - start


def _own_seconds(function: Callable[[int], object], repetition: int) -> float:
    """Seconds of this process alone: what else runs on the machine must not make the yardstick long, and a slow hand-in pass.

    The clock's where the processor's are more, as with several threads.
    """
    used = time.process_time()
    taken = _seconds(function, repetition)
    return min(taken, time.process_time() - used)
