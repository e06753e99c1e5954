"""The seam to what trains. The service knows configs, outcomes and seconds; a backend knows how a loss comes about."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from assignment3_scaling.service.limits import Limits
from assignment3_scaling.service.schemas import TrainingConfig

Reason = Literal["timeout", "out_of_memory", "numerical", "unexpected"]


class Preempted(Exception):
    """The run was taken away through no fault of its config: its process was killed, its machine left. It may run again."""


@dataclass(frozen=True)
class Failure:
    """Why a run has not completed. `text` is for the student; a timeout needs none."""

    reason: Reason
    text: str = ""


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    `used_runtime_seconds` is what the run is charged, before the service clips it to [1, max_runtime_seconds];
    `val_losses` has one loss for each evaluation that was reached, None where it was not a number. A completed run has
    reached all of them and every loss is a number.

    Raises:
        ValueError: a number is not finite, the seconds are negative, or a completed run has a loss that is None.
    """

    used_runtime_seconds: float
    val_losses: tuple[float | None, ...]
    failure: Failure | None = None

    def __post_init__(self) -> None:
        numbers = [self.used_runtime_seconds, *(loss for loss in self.val_losses if loss is not None)]
        if not all(map(math.isfinite, numbers)) or self.used_runtime_seconds < 0:
            raise ValueError(f"an outcome holds finite numbers, and None where a loss is no number; got {self}")
        if self.failure is None and None in self.val_losses:
            raise ValueError("a run with a loss that is no number has failed: its failure is 'numerical'")


class Backend(Protocol):
    """Something that trains. `train` may be called from several threads at once."""

    name: str
    limits: Limits

    def train(self, config: TrainingConfig, *, student: int | str, report: Callable[[float | None], None]) -> Outcome:
        """Run a config to its end. `student` is the seed of what is that student's own: the constants of their surface
        or the source of their data. `report` is called at each evaluation with its loss, None for one that is no number.

        Raises:
            Preempted: the run was taken away; it will be queued again.
        """

    def infeasible(self, config: TrainingConfig, seconds: float) -> str | None:
        """Why a run of `config` cannot be completed in `seconds` of this backend's accounting; None where it can."""
