"""Seconds of causal attention, forward and backward, as a ratio to the course's reference timed beside it.

How time is taken, and what an entry could do to it, stands in `timing`. Each repetition has inputs that did not exist before,
and every output is held against float64; what is not there when the reply has come, in bytes, is not there.
"""

import torch
from torch import Tensor

from grader.leaderboard.case import Case, Measured, Refused
from grader.testing.draw import Draw
from staff.leaderboards.assignment2_systems import timing

NAMES = ("output", "gradient of q", "gradient of k", "gradient of v")
TOLERANCE = 1e-4
"""Root mean square of the error by that of the value. Single precision comes to 1e-6, halves to 1e-3."""

Inputs = tuple[Tensor, Tensor, Tensor, Tensor]


def verify(case: Case) -> Measured:
    """Time both, by turns, and check whatever the entry says."""
    with timing.accounts(case) as (entry, reference):
        for repetition in timing.rounds(entry, reference, case.setting("repetitions")):
            draw = case.draw("inputs", repetition)
            inputs = drawn(case, draw)
            q, k, v, cotangent = inputs
            outputs = timing.by_turns(
                entry, reference, draw, "attention_and_gradients", "pytorch", q, k, v, True, cotangent
            )
            checked(tuple(outputs), expected(inputs))
    return timing.measured(entry, reference)


def drawn(case: Case, draw: Draw) -> Inputs:
    """Fresh q, k, v and cotangent, [heads, length, width], of scales that differ from time to time."""
    shape = (case.setting("heads"), case.setting("length"), case.setting("width"))
    return tuple(draw.normal(*shape, scale=draw.number(0.5, 2.0)) for _ in range(4))  # type: ignore[return-value]


def expected(inputs: Inputs) -> tuple[Tensor, ...]:
    """Output and gradients in float64, by the formula."""
    q, k, v, cotangent = (tensor.double() for tensor in inputs)
    leaves = [tensor.requires_grad_() for tensor in (q, k, v)]
    scores = q @ k.mT / q.shape[-1] ** 0.5
    future = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
    output = scores.masked_fill(future, float("-inf")).softmax(-1) @ v
    return (output.detach(), *torch.autograd.grad((output * cotangent).sum(), leaves))


def checked(outputs: tuple[Tensor, ...], wanted: tuple[Tensor, ...]) -> None:
    """Refuse an entry one of whose outputs is not what attention gives, in single precision."""
    for name, actual, value in zip(NAMES, outputs, wanted, strict=True):
        if actual is None or actual.dtype is not torch.float32 or actual.shape != value.shape:
            got = "nothing" if actual is None else f"{str(actual.dtype).removeprefix('torch.')} {tuple(actual.shape)}"
            raise Refused(f"the {name} of a timed call is {got}; expected float32 {tuple(value.shape)}")
        error = float((actual.double() - value).square().mean().sqrt() / value.square().mean().sqrt())
        if not error <= TOLERANCE:
            raise Refused(
                f"the {name} of a timed call is off by {error:.1g} of its size; expected at most {TOLERANCE:g}"
            )
