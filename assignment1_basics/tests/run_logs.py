"""Training logs, made from a seed: runs that learn, runs that diverge, and logs with something wrong in them.

A log is a list of records with the keys step, wall_s, train_loss, val_loss, lr, tokens. No worker ever sees
this file.
"""

import math
from collections.abc import Sequence
from typing import Any

Record = dict[str, Any]

ORDERED = ("step", "tokens", "wall_s")
KEYS = ("lr", "step", "tokens", "train_loss", "val_loss", "wall_s")

# What no field of this name may hold.
WRONG = {
    "lr": [-1e-3, math.nan, math.inf, None, "0.001", True],
    "step": [-1, 2.0, None, "7", True, math.nan],
    "tokens": [-512, 1.5e6, None, "4096", False],
    "train_loss": ["2.5", "nan", True, [2.5]],
    "val_loss": ["2.5", "", False, {"loss": 2.5}],
    "wall_s": [-0.5, math.nan, math.inf, None, "1.5", True],
}


def log_of(
    val_losses: Sequence[float | None],
    *,
    lr: float = 1e-3,
    every: int = 10,
    seconds: float = 2.5,
    tokens: int = 4096,
    warmup: int = 2,
) -> list[Record]:
    """A record for each of val_losses, `every` steps apart, a step taking `seconds` and `tokens`.

    The rate rises to `lr` over the first `warmup` records (if there are more), then falls. The training loss is a little below the
    validation loss; where that was not measured, it is 3.
    """
    warmup = min(warmup, len(val_losses) - 1)
    records = []
    for index, loss in enumerate(val_losses):
        step = index * every
        rate = lr * (index + 1) / (warmup + 1) if index < warmup else lr / (1 + 0.3 * (index - warmup))
        records.append(
            {
                "step": step,
                "wall_s": step * seconds + 0.25,
                "train_loss": 3.0 if loss is None else loss * 0.96875,
                "val_loss": loss,
                "lr": rate,
                "tokens": step * tokens,
            }
        )
    return records


def learning(draw: Any, final: float, length: int = 12) -> list[float | None]:
    """Validation losses that fall, not quite steadily, to `final`, their minimum; here and there not measured."""
    start = final * draw.number(1.8, 3)
    losses: list[float | None] = []
    for index in range(length - 1):
        fall = math.exp(-5 * index / length)
        losses.append(final + (start - final) * fall * draw.number(0.8, 1.2) + 0.01)
    for index in draw.permutation(length - 1)[: length // 4].tolist():
        losses[index] = None
    return [*losses, final]


def diverging(draw: Any, kind: str, length: int = 12) -> list[float | None]:
    """Validation losses of a run that is lost: to "nan", to "inf", or "up" and away but finite."""
    half = length // 2
    losses = learning(draw, draw.number(1.5, 2.5), half)
    for index in range(length - half):
        away = 5.0 + draw.number(1, 2) * index
        losses.append({"nan": math.nan, "inf": math.inf, "up": away}[kind])
    return losses


def shuffled(draw: Any, items: list[Any]) -> list[Any]:
    return [items[index] for index in draw.permutation(len(items)).tolist()]


def overwritten(records: list[Record], index: int, key: str, value: Any) -> list[Record]:
    """The same log but for one value."""
    return [{**record, key: value} if place == index else record for place, record in enumerate(records)]


def without(records: list[Record], index: int, key: str) -> list[Record]:
    """The same log, but one record lacks a key."""
    return [
        {name: value for name, value in record.items() if place != index or name != key}
        for place, record in enumerate(records)
    ]
