"""Losses of tokens in float64, from the formulas as they are written, and log-probabilities to try them on.

No worker ever sees this file.
"""

from __future__ import annotations

import torch
from torch import Tensor


def token_losses(
    method: str,
    advantages: Tensor,
    log_probs: Tensor,
    old_log_probs: Tensor | None = None,
    cliprange: float | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """(batch, sequence); differentiable in `log_probs`, which may be float64 already."""
    weights = advantages.double().reshape(-1, 1)
    if method == "none":
        return -weights * log_probs.double()
    log_ratios = log_probs.double() - old_log_probs.double()
    if mask is not None:
        log_ratios = torch.where(mask.bool(), log_ratios, 0.0)
    if method == "gspo":
        rows = [row if mask is None else row[kept.bool()] for row, kept in _rows(log_ratios, mask)]
        log_ratios = torch.stack([row.sum() / max(len(row), 1) for row in rows]).unsqueeze(1).expand_as(log_ratios)
    ratios = log_ratios.exp()
    if method == "noclip":
        return -weights * ratios
    return -torch.minimum(ratios * weights, ratios.clamp(1 - cliprange, 1 + cliprange) * weights)


def clipped(
    method: str, advantages: Tensor, log_probs: Tensor, old_log_probs: Tensor, cliprange: float, mask: Tensor | None
) -> Tensor:
    """Where clipping takes the gradient of the loss away, bool (batch, sequence)."""
    minus_ratios = token_losses(
        "noclip" if method == "grpo" else "gspo", torch.ones(len(advantages)), log_probs, old_log_probs, 1e9, mask
    )
    ratios, signs = -minus_ratios, advantages.reshape(-1, 1).sign()
    return ((signs > 0) & (ratios > 1 + cliprange)) | ((signs < 0) & (ratios < 1 - cliprange))


def gradient(losses: Tensor, log_probs: Tensor, cotangent: Tensor) -> Tensor:
    """Of sum(losses * cotangent), for the float64 leaf `log_probs`."""
    (found,) = torch.autograd.grad((losses * cotangent.double()).sum(), [log_probs])
    return found


def leaf(log_probs: Tensor) -> Tensor:
    """In float64, to differentiate by."""
    return log_probs.double().requires_grad_()


def drawn_advantages(draw, batch: int) -> Tensor:
    """(batch, 1), half of them below zero, none near it."""
    signs = torch.where(draw.permutation(batch) % 2 == 0, 1.0, -1.0)
    return (signs * draw.uniform(batch, low=0.5, high=2.0)).unsqueeze(1)


def drawn_log_probs(draw, batch: int, length: int) -> Tensor:
    """(batch, length), as of tokens that were sampled."""
    return draw.uniform(batch, length, low=-4.0, high=-0.2)


def drawn_mask(draw, batch: int, length: int) -> Tensor:
    """(batch, length): one run a row, of different lengths, with a prompt before it and padding behind all but one."""
    starts = draw.integers(1, 3, batch)
    ends = starts + 1 + draw.permutation(batch) % (length - 3)
    places = torch.arange(length)
    return (places >= starts.unsqueeze(1)) & (places < ends.unsqueeze(1))


def ratios_around(draw, cliprange: float, *shape: int) -> Tensor:
    """Logarithms of ratios: inside, above and below the range in equal parts, and none near its ends."""
    kinds = draw.permutation(int(torch.tensor(shape).prod())).reshape(shape) % 3
    inside = draw.uniform(*shape, low=-0.7, high=0.7) * cliprange
    above = draw.uniform(*shape, low=1.3, high=2.5) * cliprange + cliprange**2
    below = -draw.uniform(*shape, low=1.3, high=2.5) * cliprange - cliprange**2
    return torch.where(kinds == 0, inside, torch.where(kinds == 1, above, below))


def check_microbatches(
    check, found: dict, losses: list[Tensor], gradients: list[Tensor], *, who: str, size: float = 0.0, hint: str = ""
) -> None:
    """What the driver `microbatch_steps` found: a loss a microbatch, and the gradient of all rows after each.

    `size` is that of the terms of the losses, where their signs differ.
    """
    for name, one, expected, scale in (("losses", "loss", losses, size), ("gradients", "gradient", gradients, 0.0)):
        values = found[name]
        check.that(
            isinstance(values, list) and len(values) == len(expected),
            f"{who} has something else than a list of {len(expected)} {name}",
        )
        for place, (value, right) in enumerate(zip(values, expected, strict=True), 1):
            check.close(
                value,
                right,
                rtol=1e-4,
                dtype=torch.float32,
                who=f"the {one} of {who} after microbatch {place}",
                scale=scale,
                hint=hint,
            )


def _rows(tensor: Tensor, mask: Tensor | None) -> list[tuple[Tensor, Tensor | None]]:
    return [(row, None if mask is None else mask[place]) for place, row in enumerate(tensor)]
