"""What is measured: two ways to do the same work, by turns, as pairs of times."""

import gc
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Self

MEASURES = ("wall", "cpu")


@dataclass(frozen=True)
class Cost:
    """Seconds: on the wall's clock, and of the processor (user and system) in this process and those it waited for."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Comparison:
    """The costs of our way and of a peer's, repetition by repetition, and how many times the peer's ours may be.

    `by` is the measure that the goal is about.
    """

    work: str
    ours: str
    peer: str
    by: str
    goal: float
    better_goal: float | None
    our_costs: tuple[Cost, ...]
    peer_costs: tuple[Cost, ...]

    def __post_init__(self) -> None:
        if self.by not in MEASURES or not self.our_costs or len(self.our_costs) != len(self.peer_costs):
            raise ValueError(
                f"{self.work}: measured by {self.by}, {len(self.our_costs)} and {len(self.peer_costs)} costs"
            )

    def ratios(self, measure: str) -> list[float]:
        """Ours over the peer's, for each repetition: what disturbs both of a pair cancels."""
        pairs = zip(self.our_costs, self.peer_costs, strict=True)
        return [getattr(ours, measure) / getattr(peer, measure) for ours, peer in pairs]

    def ratio(self) -> float:
        """The median ratio that the goal is held against."""
        return statistics.median(self.ratios(self.by))

    def as_json(self) -> dict[str, Any]:
        """Plain data that `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The comparison that `as_json` was called on."""
        costs = {key: tuple(Cost(**cost) for cost in data[key]) for key in ("our_costs", "peer_costs")}
        return cls(**{**data, **costs})


def cost_of(function: Callable[[], object]) -> Cost:
    """What one call costs. Processes that it starts count if it waits for their end."""
    gc.collect()
    processor, wall = processor_seconds(), time.perf_counter()
    function()
    return Cost(time.perf_counter() - wall, processor_seconds() - processor)


def processor_seconds() -> float:
    """User and system time of this process and of all that it has waited for, to this moment."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def by_turns(
    ours: Callable[[], Cost], peer: Callable[[], Cost], repetitions: int
) -> tuple[tuple[Cost, ...], tuple[Cost, ...]]:
    """Both, by turns; who begins changes each time, so that neither gains by its place."""
    our_costs, peer_costs = [], []
    for repetition in range(repetitions):
        for side in ("ours", "peer") if repetition % 2 == 0 else ("peer", "ours"):
            if side == "ours":
                our_costs.append(ours())
            else:
                peer_costs.append(peer())
    return tuple(our_costs), tuple(peer_costs)
