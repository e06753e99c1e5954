"""AdamW in float64, one parameter at a time, in every form that counts as right.

Two choices are free: weight decay before or after the update, and eps added to sqrt(v), as in the efficient
form of Kingma & Ba 2015 (section 2), or to sqrt(v / (1 - b2^t)), as in PyTorch. A trajectory must follow one
of the four forms from beginning to end.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class Track:
    """One parameter: its start, its gradient in each step (None: the step passes it by), and its options."""

    start: Tensor
    gradients: Sequence[Tensor | None]
    lr: float
    weight_decay: float = 0.01
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    rates: Sequence[float] = ()  # the learning rate of each step, where it changes

    def positions(self, decay_first: bool, eps_on_corrected: bool) -> Tensor:
        """The parameter after each step, stacked."""
        (b1, b2), t = self.betas, 0
        position = self.start.double()
        mean, square = torch.zeros_like(position), torch.zeros_like(position)
        found = []
        for step, gradient in enumerate(self.gradients):
            if gradient is not None:
                t += 1
                lr = self.rates[step] if self.rates else self.lr
                mean = b1 * mean + (1 - b1) * gradient.double()
                square = b2 * square + (1 - b2) * gradient.double() ** 2
                correction = (1 - b2**t) ** 0.5
                eps = self.eps * correction if eps_on_corrected else self.eps
                update = lr * correction / (1 - b1**t) * mean / (square.sqrt() + eps)
                if decay_first:
                    position = position * (1 - lr * self.weight_decay) - update
                else:
                    position = (position - update) * (1 - lr * self.weight_decay)
            found.append(position)
        return torch.stack(found)


def check_tracks(
    check: Any, found: list[list[Tensor]], tracks: Sequence[Track], *, rtol: float = 2e-5, hint: str = ""
) -> None:
    """`found`, all parameters after each step, follows the recursion in one of its forms."""
    steps = len(tracks[0].gradients)
    check.equal([len(step) for step in found], [len(tracks)] * steps, who="AdamW, as numbers of parameters,")
    for parameters in found:
        for parameter, track in zip(parameters, tracks, strict=True):
            got, want = (parameter.dtype, parameter.shape), (track.start.dtype, track.start.shape)
            check.that(
                got == want,
                f"AdamW left a parameter as {got[0]} {tuple(got[1])}; expected {want[0]} {tuple(want[1])}",
            )
    actual = [torch.stack(positions) for positions in zip(*found, strict=True)]
    forms = [
        [track.positions(decay_first, eps_on_corrected) for track in tracks]
        for decay_first, eps_on_corrected in itertools.product((True, False), repeat=2)
    ]
    nearest = min(forms, key=lambda form: sum(map(_distance, actual, form)))
    for number, (got, want) in enumerate(zip(actual, nearest, strict=True)):
        who = f"AdamW: parameter {number} after each step"
        check.close(got, want, rtol=rtol, dtype=got.dtype, who=who, hint=hint)


def _distance(actual: Tensor, expected: Tensor) -> float:
    return float((actual.double() - expected).abs().nan_to_num(nan=torch.inf).max())
