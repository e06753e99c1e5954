"""A campaign on surfaces that you may look at: `python -m assignment3_scaling.service.rehearsal`.

Plays `run_scaling_campaign` of the assignment's adapters as it is graded, but in this process, where breakpoints work, and on
surfaces of seeds that you choose. What you learn about one surface says nothing about the next.
"""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from statistics import fmean
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from assignment3_scaling.service.client import InProcessClient
from assignment3_scaling.service.client.interface import Json
from assignment3_scaling.service.clock import ManualClock
from assignment3_scaling.service.errors import InsufficientBudget
from assignment3_scaling.service.schemas import TrainingConfig, parse
from assignment3_scaling.service.service import Service
from assignment3_scaling.service.simulated.backend import SimulatedBackend
from assignment3_scaling.service.simulated.machine import Machine
from assignment3_scaling.service.simulated.optimum import optimum
from assignment3_scaling.service.simulated.plan import LIMITS
from assignment3_scaling.service.simulated.score import REFUSAL, Result
from assignment3_scaling.service.simulated.surface import Surface, draw
from assignment3_scaling.service.simulated.training import true_loss

FINAL_RATIO = 4.0
"""How much longer than the whole budget the final run may take."""

Policy = Callable[[Any, float], object]


class CountingClient(InProcessClient):
    """Counts the submissions that the budget refused."""

    refused = 0

    def submit(self, training_config: Json) -> Json:
        try:
            return super().submit(training_config)
        except InsufficientBudget:
            self.refused += 1
            raise


class Course:
    """A surface behind a service of its own, with one student; `client` is that student's."""

    def __init__(self, surface: Surface, budget: float = LIMITS.total_budget_seconds) -> None:
        self.surface, self.machine = surface, Machine()
        self.limits = replace(LIMITS, total_budget_seconds=budget, final_runtime_seconds=FINAL_RATIO * budget)
        backend = SimulatedBackend(self.machine, lambda _: surface, self.limits)
        self.service = Service.in_memory(backend, clock=ManualClock())
        self.client = CountingClient(self.service, self.service.add_student("campaign", seed=0).id)

    def result(self) -> Result | None:
        """What the campaign came to; None where no bet was made."""
        bet = self.client.final_submission()
        if bet is None:
            return None
        config = parse(TrainingConfig, bet["training_config"], self.limits, final=True)
        reached, budget = true_loss(config, self.surface), self.limits.total_budget_seconds
        interval = bet.get("prediction_interval")
        return Result(
            regret=reached - optimum(self.surface, self.machine, self.limits.final_runtime_seconds).loss,
            true_loss=reached,
            predicted_loss=bet["predicted_final_loss"],
            waste=self._seconds(completed=False) / budget + REFUSAL * self.client.refused,
            use=self._seconds(completed=True) / budget,
            interval=(interval["low"], interval["high"]) if interval else None,
        )

    def _seconds(self, *, completed: bool) -> float:
        """What the runs that completed were charged, or those that did not."""
        total = 0.0
        for run in self.client.experiments():
            longest, status = run["training_config"]["max_runtime_seconds"], run["status"]
            if (status["status_type"] == "completed") is completed:
                total += min(max(1.0, status.get("used_runtime_seconds", longest)), longest)
        return total


def played(policy: Policy, surface: Surface, budget: float = LIMITS.total_budget_seconds) -> Result | None:
    """One campaign of a policy in this process; None where it made no bet."""
    course = Course(surface, budget)
    try:
        policy(course.client, budget)
        return course.result()
    finally:
        course.service.close()


def main(
    surfaces: Annotated[int, typer.Option(help="How many surfaces to play.", min=1)] = 3,
    seed: Annotated[str, typer.Option(help="Another word gives other surfaces.")] = "rehearsal",
    budget: Annotated[float, typer.Option(help="The budget in seconds.", min=1)] = LIMITS.total_budget_seconds,
) -> None:
    """Play your run_scaling_campaign on surfaces, and show what it would be worth."""
    policy = import_module("assignment3_scaling.adapters").run_scaling_campaign
    table = Table("surface", "regret", "prediction error", "waste", "use", "interval score", "score")
    scores = []
    for number in range(surfaces):
        name = f"{seed} {number}"
        result = played(policy, draw(name), budget)
        if result is None:
            table.add_row(name, "no bet", "", "", "", "", "0.00")
            scores.append(0.0)
            continue
        scores.append(result.score)
        interval = "" if result.interval_score is None else f"{result.interval_score:.3f}"
        shares = f"{result.waste:.0%}", f"{result.use:.0%}"
        row = name, f"{result.regret:.4f}", f"{result.prediction_error:.4f}", *shares, interval, f"{result.score:.2f}"
        table.add_row(*row)
    table.add_section()
    table.add_row("mean", *[""] * 5, f"{fmean(scores):.2f}")
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
