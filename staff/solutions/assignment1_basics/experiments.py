"""Training logs and what is read from them: faults, curves, sweeps over learning rates and batch sizes."""

import json
import math
from collections.abc import Callable
from typing import Any

Record = dict[str, Any]

DIVERGENCE = 1.5
"""A run whose last validation loss is more than so many times its smallest has diverged."""


def read_log(text: str) -> list[Record]:
    """The records of a log; what a killed run left half-written or a resumed run has overtaken is gone."""
    lines = text.split("\n")
    records: list[Record] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            if number == len(lines):
                break
            raise ValueError(f"read_log: line {number} is not JSON; expected an object") from None
        if not isinstance(record, dict):
            raise ValueError(f"read_log: line {number} is a {type(record).__name__}; expected an object")
        while records and records[-1]["step"] >= record["step"]:
            records.pop()
        records.append(record)
    return records


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_quantity(value: Any) -> bool:
    return _is_number(value) and math.isfinite(value) and value >= 0


def _is_loss(value: Any) -> bool:
    return value is None or _is_number(value)


KINDS: dict[str, Callable[[Any], bool]] = {
    "lr": _is_quantity,
    "step": _is_count,
    "tokens": _is_count,
    "train_loss": _is_loss,
    "val_loss": _is_loss,
    "wall_s": _is_quantity,
}

IN_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "step": lambda value, last: value > last,
    "tokens": lambda value, last: value >= last,
    "wall_s": lambda value, last: value >= last,
}


def log_faults(records: list[Record]) -> list[tuple[int, str]]:
    """(index, key) of every value that is missing, of the wrong kind, or out of order."""
    faults = []
    last: dict[str, Any] = {}
    for index, record in enumerate(records):
        for key, is_right in KINDS.items():
            fine = key in record and is_right(record[key])
            if fine and key in IN_ORDER and key in last:
                fine = IN_ORDER[key](record[key], last[key])
            if fine:
                last[key] = record[key]
            else:
                faults.append((index, key))
    return faults


def loss_curve(records: list[Record], loss: str, against: str) -> list[tuple[float, float]]:
    """The points (value of `against`, value of `loss`), in order, of the records with a measured loss."""
    return [(record[against], record[loss]) for record in records if record[loss] is not None]


def _losses(records: list[Record], loss: str) -> list[float]:
    return [value for _, value in loss_curve(records, loss, "step")]


def has_diverged(records: list[Record]) -> bool:
    """Whether a loss is NaN or infinite, or the validation loss ended far above its minimum."""
    validation = _losses(records, "val_loss")
    if not all(map(math.isfinite, validation + _losses(records, "train_loss"))):
        return True
    return validation[-1] > DIVERGENCE * min(validation)


def summarise_sweep(runs: list[list[Record]]) -> list[tuple[float, float, bool]]:
    """(learning rate, final loss, has diverged) of each log, by increasing learning rate."""
    return sorted(
        (
            max(record["lr"] for record in records),
            _losses(records, "val_loss")[-1],
            has_diverged(records),
        )
        for records in runs
    )


def best_learning_rate(runs: list[list[Record]]) -> float | None:
    """The learning rate with the smallest final loss of the runs that have not diverged."""
    sound = [(loss, rate) for rate, loss, diverged in summarise_sweep(runs) if not diverged]
    return min(sound)[1] if sound else None


def divergence_ratio(runs: list[list[Record]]) -> float | None:
    """The smallest learning rate above the best whose run has diverged, over the best."""
    best = best_learning_rate(runs)
    if best is None:
        return None
    too_large = [rate for rate, _, diverged in summarise_sweep(runs) if diverged and rate > best]
    return too_large[0] / best if too_large else None


def cost_to_reach(records: list[Record], target_loss: float) -> tuple[int, float, int] | None:
    """(step, wall_s, tokens) of the first record whose validation loss is at most the target."""
    for record in records:
        if record["val_loss"] is not None and record["val_loss"] <= target_loss:
            return record["step"], record["wall_s"], record["tokens"]
    return None


def fastest_batch_size(runs: dict[int, list[Record]], target_loss: float) -> int | None:
    """The batch size that reaches the target in the fewest seconds, then tokens, then with less memory."""
    reached = []
    for batch_size, records in runs.items():
        cost = cost_to_reach(records, target_loss)
        if cost is not None:
            _, seconds, tokens = cost
            reached.append((seconds, tokens, batch_size))
    return min(reached)[2] if reached else None
