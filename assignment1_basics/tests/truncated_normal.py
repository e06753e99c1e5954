"""What weights drawn from a normal distribution look like that is cut off at three standard deviations."""

from __future__ import annotations

from typing import Any

from torch import Tensor


def check_truncated_normal(check: Any, parameters: list[Tensor], std: float, *, who: str, formula: str) -> None:
    """Hold the only parameter, of at least 150,000 numbers, against N(0, std²) without what is beyond ±3 std.

    Cutting takes 1.3 % off the standard deviation, well within the 5 % allowed. Beyond 2.5 std lie 0.98 % of
    the values: none for a uniform distribution, 1.24 % for a normal one that is clamped instead of cut.
    """
    check.that(
        len(parameters) == 1 and parameters[0].numel() >= 150_000,
        f"{who} has {len(parameters)} parameters; expected one matrix",
    )
    deviations = parameters[0].double().flatten() / std
    check.that(deviations.isfinite().all().item(), f"{who} has weights that are not finite numbers")
    check.that(abs(deviations.mean().item()) < 0.02, f"{who} has weights whose mean is not zero")
    spread = deviations.std().item()
    check.that(
        abs(spread - 1) < 0.05,
        f"{who} has weights of standard deviation {spread * std:.4g}; expected {formula} within 5 %",
    )
    check.that(
        deviations.abs().max().item() < 3.0001,
        f"{who} has weights beyond three standard deviations; expected none",
    )
    check.that(
        0.008 < (deviations.abs() > 2.5).double().mean().item() < 0.0115,
        f"{who} has weights that do not follow a truncated normal distribution near its ends",
    )
