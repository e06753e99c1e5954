"""A backend that does what a test says, at once."""

import threading
from collections.abc import Callable

from assignment3_scaling.service.backend import Failure, Outcome
from assignment3_scaling.service.limits import PUBLIC


def completed(training_config, used=30.0):
    """Losses that fall from 5."""
    return Outcome(used, tuple(5.0 - i / 10 for i in range(training_config.n_evals)))


class ScriptedBackend:
    """Every run ends as `ending` says, which may wait, raise or look at the config; `seeds` are those it was given."""

    name = "scripted"

    def __init__(self, ending: Callable = completed, limits=PUBLIC, problem=None):
        self.ending, self.limits, self.problem = ending, limits, problem
        self.seeds = []
        self.lock = threading.Lock()

    def train(self, config, *, student, report):
        with self.lock:
            self.seeds.append(student)
        outcome = self.ending(config)
        for loss in outcome.val_losses:
            report(loss)
        return outcome

    def infeasible(self, config, seconds):
        return self.problem


def failing(reason, text="", losses=(), used=12.5):
    """An ending that has failed."""
    return lambda config: Outcome(used, losses, Failure(reason, text))
