"""A sweep for isoFLOP profiles: which models to train at which budgets, so that all of it can be paid for."""

from typing import Any


def plan_sweep(
    budget_seconds: float,
    levels: list[float],
    law: dict[str, float],
    time_model: dict[str, float],
    template: dict[str, Any],
) -> list[dict[str, Any]]:
    """Training configurations for the API: at least five models a level, around the optimum that is expected there.

    `levels` are budgets of compute C in FLOPs, `law` has "k" and "a" of the expected optimum N = k C^a, and
    `time_model` the keys "startup_seconds", "seconds_per_token_and_layer" and "seconds_per_token_and_parameter".
    `template` is a valid configuration that says all that is not planned. What holds of a plan, and which levels it may
    leave out where the budget is too small for all, is in the handout.
    """
    raise NotImplementedError("sweep_planning: write plan_sweep in assignment3_scaling/planning.py")
