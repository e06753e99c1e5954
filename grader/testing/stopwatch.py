"""Time as a ratio: the student's call against a yardstick, interleaved, on the trusted side's clock."""

import time
from collections.abc import Callable


class Stopwatch:
    """The calls get the repetition's number, so that each can have fresh inputs and every result can be checked."""

    def ratio(self, student: Callable[[int], object], yardstick: Callable[[int], object], *, repeats: int = 2) -> float:
        """Best time of `student` over best time of `yardstick`; student, yardstick, student, yardstick, …

        The student's comes first: it finds no result of the yardstick in any cache or freed memory.
        """
        ours, theirs = [], []
        for repetition in range(repeats):
            ours.append(_seconds(student, repetition))
            theirs.append(_seconds(yardstick, repetition))
        return min(ours) / min(theirs)


def _seconds(function: Callable[[int], object], repetition: int) -> float:
    start = time.perf_counter()
    function(repetition)
    return time.perf_counter() - start
