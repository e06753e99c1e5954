"""Seconds of a step of training, as a ratio to the given code's timed beside it.

How time is taken, and what an entry could do to it, stands in `timing`. Each step begins from parameters, moments and a batch
that did not exist before, and all that it returns is held against a step in float64: the loss, and of each parameter the
change, and both moments. So a parameter that was left as it was shows, and a gradient of half of the batch, too.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from grader.leaderboard.case import Case, Measured, Refused
from grader.testing.draw import Draw
from staff.leaderboards.assignment2_systems import timing
from staff.leaderboards.assignment2_systems.float64_step import BETAS, Step, expected, shapes

SHAPE = ("vocab_size", "context_length", "d_model", "num_layers", "num_heads", "d_ff")
LOSS_TOLERANCE = 1e-4
TOLERANCE = 1e-3
"""Root mean square of the error by that of the change. Single precision comes to some 1e-5, bfloat16 to more than 1e-2."""


def verify(case: Case) -> Measured:
    """Time both, by turns, and check whatever the entry says."""
    shape = {name: case.setting(name) for name in SHAPE}
    with timing.accounts(case) as (entry, reference):
        for repetition in timing.rounds(entry, reference, case.setting("repetitions")):
            draw = case.draw("step", repetition)
            step = drawn(shape, case.setting("batch"), draw)
            found = timing.by_turns(
                entry, reference, draw, "timed_training_step", shape, step.parameters, step.first_moments,
                step.second_moments, step.number, step.tokens, step.targets,
            )  # fmt: skip
            checked(step, found, expected(shape, step))
    return timing.measured(entry, reference)


def drawn(shape: Mapping[str, int], batch: int, draw: Draw) -> Step:
    """A state as after some hundred steps, and a batch: moments are of the size that gradients have."""
    wanted = shapes(shape)
    size = draw.number(1e-3, 4e-3)
    tokens = draw.integers(0, shape["vocab_size"], batch, shape["context_length"] + 1)
    return Step(
        {
            name: 1 + draw.normal(*of, scale=0.1) if len(of) == 1 else draw.normal(*of, scale=of[-1] ** -0.5)
            for name, of in wanted.items()
        },
        {name: draw.normal(*of, scale=size) for name, of in wanted.items()},
        {name: draw.uniform(*of, low=0.2 * size**2, high=2 * size**2) for name, of in wanted.items()},
        draw.integer(50, 5000),
        tokens[:, :-1].contiguous(),
        tokens[:, 1:].contiguous(),
    )


def checked(step: Step, found: tuple[Tensor, ...], wanted: tuple[Tensor, Step]) -> None:
    """Refuse an entry one of whose numbers is not what the step gives, in single precision."""
    loss, *states = found
    right, after = wanted
    if loss.numel() != 1 or not abs(float(loss) - float(right)) <= LOSS_TOLERANCE * float(right):
        said = f"{float(loss):.5g}" if loss.numel() == 1 else f"{loss.numel()} numbers"
        raise Refused(f"the loss of a timed step is {said}; expected {float(right):.5g}")
    kept = (1.0, *BETAS)
    before = (step.parameters, step.first_moments, step.second_moments)
    now = (after.parameters, after.first_moments, after.second_moments)
    for what, old, keep, actual, value in zip(
        ("parameter", "first moment of", "second moment of"), before, kept, states, now, strict=True
    ):
        if actual.keys() != value.keys():
            odd = min(actual.keys() ^ value.keys(), key=str)
            raise Refused(f"of a timed step the {what} {str(odd)[:80]} is missing or strange; expected what went in")
        for name in value:
            _close(f"{what} {name}", actual[name], value[name], keep * old[name].double())


def _close(name: str, actual: Tensor, value: Tensor, before: Tensor) -> None:
    if actual.dtype is not torch.float32 or actual.shape != value.shape:
        got = f"{str(actual.dtype).removeprefix('torch.')} {tuple(actual.shape)}"
        raise Refused(f"the {name} after a timed step is {got}; expected float32 {tuple(value.shape)}")
    error = float((actual.double() - value).square().mean().sqrt() / (value - before).square().mean().sqrt())
    if not error <= TOLERANCE:
        raise Refused(
            f"the {name} after a timed step is off by {error:.1g} of its change; expected at most {TOLERANCE:g}"
        )
