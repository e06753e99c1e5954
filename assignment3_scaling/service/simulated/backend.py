"""The simulated cluster behind the service's seam: each student trains on a surface of their own, in no time."""

from collections.abc import Callable
from functools import lru_cache

from assignment3_scaling.service.backend import Outcome
from assignment3_scaling.service.limits import Limits
from assignment3_scaling.service.schemas import TrainingConfig
from assignment3_scaling.service.simulated.machine import Machine
from assignment3_scaling.service.simulated.plan import LIMITS, Plan
from assignment3_scaling.service.simulated.surface import Surface, draw
from assignment3_scaling.service.simulated.training import outcome


class SimulatedBackend:
    """Runs whose outcome is computed at once. `surface_of` gives the surface of a student by their seed."""

    name = "simulated"

    def __init__(
        self,
        machine: Machine | None = None,
        surface_of: Callable[[int | str], Surface] = draw,
        limits: Limits = LIMITS,
    ) -> None:
        self.machine = machine or Machine()
        self.surface_of = lru_cache(maxsize=1024)(surface_of)
        self.limits = limits

    def train(self, config: TrainingConfig, *, student: int | str, report: Callable[[float | None], None]) -> Outcome:
        """The outcome of the run, each of its losses reported first."""
        ended = outcome(config, self.surface_of(student), self.machine)
        for loss in ended.val_losses:
            report(loss)
        return ended

    def infeasible(self, config: TrainingConfig, seconds: float) -> str | None:
        """Why the run cannot be completed in `seconds`, or in its own `max_runtime_seconds`, by the machine's formulas;
        None where it can."""
        plan, longest = Plan(config), min(seconds, config.max_runtime_seconds)
        needed = plan.bytes_needed(self.machine)
        if needed > self.machine.memory:
            return f"a step needs {needed / 1e9:.0f} GB of memory; the machine has {self.machine.memory / 1e9:.0f} GB"
        if plan.seconds(self.machine) > longest:
            return f"the run takes {plan.seconds(self.machine):.0f} s; expected at most {longest:.0f} s"
        return None
