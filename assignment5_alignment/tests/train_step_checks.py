"""What the driver `grpo_train_step` found, compared with an update computed in float64. No worker ever sees this file."""

from __future__ import annotations

from typing import Any

import torch

from assignment5_alignment.tests import rollout_cases
from assignment5_alignment.tests.rollout_cases import Case, Expected

WHO = "run_grpo_train_step"
RATE = 8.0
"""Large, so that a weight's change is not lost in the rounding of the weight."""


def step(
    drivers, case: Case, training: bool = True, older: dict[str, Any] | None = None, **others: Any
) -> dict[str, Any]:
    """One call of the student's function through the driver."""
    return drivers.grpo_train_step(
        case.kind, case.weights, rollout_cases.TOKENIZER, RATE, case.table, case.arguments(**others), training, older
    )


def check_step(drivers, check, case: Case, hint: str = "", accumulation: int = 1, **options: Any) -> dict[str, Any]:
    """The step's loss, and its change of each weight, are those of the whole batch at once."""
    right = rollout_cases.expected(case, **options)
    others = dict(options)
    if others.get("importance_reweighting_method", "none") != "none":
        others["old_log_probs"] = case.old_log_probs
    found = step(drivers, case, gradient_accumulation_steps=accumulation, **others)
    check_update(check, case, found, right, hint)
    return found


def check_update(check, case: Case, found: dict[str, Any], right: Expected, hint: str = "") -> None:
    """Loss, weights, one step of the optimizer, and no gradient left."""
    after = found["weights"]
    check.that(
        isinstance(after, dict) and sorted(after) == sorted(case.weights),
        f"{WHO} left other weights than the model has",
    )
    for name, before in case.weights.items():
        there = after[name]
        check.that(
            isinstance(there, torch.Tensor) and there.dtype is before.dtype and there.shape == before.shape,
            f"{WHO} left {name} with another dtype or shape",
        )
        check.close(
            there - before, RATE * right.change[name], rtol=5e-4, dtype=before.dtype, who=f"{WHO} as the change of {name}",
            hint=hint,
        )  # fmt: skip
    check.close(
        found["loss"], right.loss, rtol=1e-3, dtype=torch.float32, who=f"{WHO} as the loss of the batch",
        scale=0.1 * right.size, hint=hint,
    )  # fmt: skip
    check.equal(found["steps"], 1, who=f"{WHO}, as the number of steps of the optimizer,")
    check.equal(found["gradients"], {}, who=f"{WHO}, as gradients that are left,", hint="zero them after the step")


def scored_rows(check, case: Case, found: dict[str, Any]) -> list[list[int]]:
    """For each call of the model, which rollouts went through it."""
    known = {
        tuple(prompt + response)[:-1]: place for place, (prompt, response) in enumerate(rollout_cases.rows_of(case))
    }
    batches = found["batches"]
    good = isinstance(batches, list) and all(
        isinstance(ids, torch.Tensor) and ids.dtype is torch.int64 and ids.ndim == 2 for ids in batches
    )
    check.that(good, f"{WHO} called the model with something else than int64 ids (rows, places)")
    calls = []
    for ids in batches:
        rows = []
        for row in ids.tolist():
            fitting = [start for start in known if tuple(row[: len(start)]) == start]
            check.that(fitting, f"{WHO} called the model with a row that is no prompt with its response")
            rows.append(known[max(fitting, key=len)])
        calls.append(rows)
    return calls


def check_logged(check, found: dict[str, Any], key: str, right: float) -> None:
    """A number of the metadata."""
    metadata = found["metadata"]
    check.that(isinstance(metadata, dict) and key in metadata, f'{WHO} has no metadata["{key}"]')
    if right == 0:
        check.equal(metadata[key], 0.0, who=f'{WHO} as metadata["{key}"]')
    else:
        check.close(metadata[key], right, rtol=1e-3, who=f'{WHO} as metadata["{key}"]')
