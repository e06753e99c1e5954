"""All that a student's campaign had to find out, as plain data: for instructors, once the deadline is over."""

from dataclasses import asdict
from typing import Any

from assignment3_scaling.service.simulated.machine import Machine
from assignment3_scaling.service.simulated.optimum import optimum
from assignment3_scaling.service.simulated.plan import LIMITS
from assignment3_scaling.service.simulated.surface import draw

SMALLER = (1 / 64, 1 / 16, 1 / 4)
"""Shares of the final budget whose optima are shown, too: together they are the scaling law."""


def reveal(seed: int | str) -> dict[str, Any]:
    """The constants of the surface of this seed, the best run of the final budget, and those of smaller ones."""
    surface, machine, seconds = draw(seed), Machine(), LIMITS.final_runtime_seconds
    constants = asdict(surface)
    del constants["salt"]
    return {
        "constants": constants,
        "machine": asdict(machine),
        "optimum": asdict(optimum(surface, machine, seconds)),
        "smaller_optima": [asdict(optimum(surface, machine, seconds * share)) for share in SMALLER],
    }
