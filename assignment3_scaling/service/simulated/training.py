"""One simulated run, from its first evaluation to its end: a pure function of configuration, surface and machine.

A run ends in one of four ways. Too large for the memory: it fails after a few seconds with no evaluation. Learning rate
far too high: its losses rise, then are no numbers. Longer than its `max_runtime_seconds`: it is stopped, and keeps
the losses of the evaluations it reached. Otherwise it completes.

A loss on the way is not that of a finished run of as many tokens: the learning rate has not come down yet, which is
worth up to a tenth of what is left to learn. So a timed-out run says little about what it would have come to.
"""

import math
from dataclasses import dataclass

from assignment3_scaling.service.backend import Failure, Outcome
from assignment3_scaling.service.schemas import TrainingConfig
from assignment3_scaling.service.simulated.machine import Machine
from assignment3_scaling.service.simulated.noise import fraction, standard_normal
from assignment3_scaling.service.simulated.plan import VOCABULARY, Plan
from assignment3_scaling.service.simulated.surface import Surface

SECONDS_TO_OUT_OF_MEMORY = 10.0
"""The first step fails; what came before it is charged."""
JITTER = 0.03
"""A run takes up to this share more or less than the formula says."""
COOLING = 0.1
"""How much of what is left to learn the learning rate's way down is worth, at the start of it."""
BREAKDOWN = 0.3
"""Nats by which the loss rises between evaluations on the way to no number at all."""


def outcome(config: TrainingConfig, surface: Surface, machine: Machine) -> Outcome:
    """How the run ends, with the loss of each evaluation it reaches and the seconds it uses."""
    run = _Run(Plan(config), surface, machine)
    if run.plan.bytes_needed(machine) > machine.memory:
        text = (
            f"out of memory: a step needs {run.plan.bytes_needed(machine) / 1e9:.0f} GB of {machine.memory / 1e9:.0f}"
        )
        return Outcome(SECONDS_TO_OUT_OF_MEMORY, (), Failure("out_of_memory", text))
    if run.breaks_at is not None:
        reached = min(run.breaks_at, run.evaluations_within(config.max_runtime_seconds))
        losses = tuple(run.loss(k) for k in range(1, reached + 1))
        if reached == run.breaks_at:
            text = f"the loss is no number at evaluation {reached}"
            return Outcome(run.seconds_at(reached), (*losses[:-1], None), Failure("numerical", text))
        return Outcome(run.stopped_after(config.max_runtime_seconds), losses, Failure("timeout"))
    reached = run.evaluations_within(config.max_runtime_seconds)
    losses = tuple(run.loss(k) for k in range(1, reached + 1))
    if reached < config.n_evals:
        return Outcome(run.stopped_after(config.max_runtime_seconds), losses, Failure("timeout"))
    return Outcome(run.seconds, losses)


def true_loss(config: TrainingConfig, surface: Surface) -> float:
    """What a finished run comes to without noise; a run that breaks down has learnt nothing."""
    plan = Plan(config)
    if plan.octaves(surface) > plan.divergence(surface):
        return math.log(VOCABULARY)
    return plan.loss(surface)


@dataclass(frozen=True)
class _Run:
    """A run whose evaluations are numbered from 1 to n_evals; between two of them lies the same time."""

    plan: Plan
    surface: Surface
    machine: Machine

    @property
    def evals(self) -> int:
        return self.plan.config.n_evals

    @property
    def seconds(self) -> float:
        """What the whole run takes."""
        lucky = 2 * fraction(self.surface.salt, "seconds", self.plan.key) - 1
        return self.plan.seconds(self.machine) * (1 + JITTER * lucky)

    @property
    def breaks_at(self) -> int | None:
        """The evaluation whose loss is no number; None for a run that does not break down."""
        excess = self.plan.octaves(self.surface) - self.plan.divergence(self.surface)
        if excess <= 0:
            return None
        share = 0.6 * fraction(self.surface.salt, "breakdown", self.plan.key) * 2**-excess
        return max(1, math.ceil(share * self.evals))

    def seconds_at(self, evaluation: int) -> float:
        return self.seconds * evaluation / self.evals

    def evaluations_within(self, seconds: float) -> int:
        """How many evaluations are reached in time."""
        return min(self.evals, math.floor(self.evals * seconds / self.seconds + 1e-9))

    def stopped_after(self, limit: float) -> float:
        """When a run that takes too long notices it: before its next evaluation, or by the watchdog of 5 % and 10 s."""
        return min(self.seconds_at(self.evaluations_within(limit) + 1), 1.05 * limit + 10)

    def loss(self, evaluation: int) -> float:
        """The measured loss at an evaluation: a run's own noise, and a smaller one of each evaluation on the way."""
        share = evaluation / self.evals
        level = self.plan.loss(self.surface, share)
        level += COOLING * (1 - share) * (level - self.surface.E)
        if self.breaks_at is not None:
            level += BREAKDOWN * evaluation
        salt, key = self.surface.salt, self.plan.key
        noise = standard_normal(salt, "run", key)
        if share < 1:
            noise = 0.8 * noise + 0.6 * standard_normal(salt, "evaluation", key, share)
        return min(level, math.log(VOCABULARY) + 1) + self.surface.noise * noise
