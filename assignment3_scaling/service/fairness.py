"""Who runs next: those with the least running, each with their own oldest first."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple


class Waiting(NamedTuple):
    """A queued experiment."""

    student: int
    queued_at: datetime
    experiment: int


def fair_order(waiting: Iterable[Waiting], running: Mapping[int, int]) -> list[Waiting]:
    """All that wait, in the order in which they are to run.

    The nth queued experiment of a student with r running ones would be their (r + n)th at a time; the lower that
    number, the earlier; ties go to who has waited longest. So nobody waits behind another's whole queue.
    """
    rank: Counter[int] = Counter()
    places = []
    for one in sorted(waiting, key=lambda one: (one.queued_at, one.experiment)):
        places.append((running.get(one.student, 0) + rank[one.student], one.queued_at, one.experiment, one))
        rank[one.student] += 1
    return [place[-1] for place in sorted(places)]
