"""The surrogate objective with its gradients, which do not travel."""

from typing import Any

import torch
from torch import Tensor

from assignment5_alignment import adapters


def surrogate(pi: list[Tensor], pi0: list[Tensor], rewards: Tensor, k: int) -> dict[str, Any]:
    """`run_surrogate_value`, then its backward pass.

    Returns:
        {"value": what it returned; "gradients": by each table of `pi`, zeros where none arrived, or None where the value has
        no gradient at all; "untouched": whether all arguments hold what they held}.
    """
    tables = [table.clone().requires_grad_() for table in pi]
    old, scores = [table.clone() for table in pi0], rewards.clone()
    value = adapters.run_surrogate_value(list(tables), list(old), scores, k)
    if not isinstance(value, Tensor) or not value.requires_grad or value.numel() != 1:
        return {"value": value.detach() if isinstance(value, Tensor) else value, "gradients": None, "untouched": True}
    value.sum().backward()
    before, after = [*pi, *pi0, rewards], [*tables, *old, scores]
    untouched = all(torch.equal(mine, theirs) for mine, theirs in zip(before, after, strict=True))
    gradients = [torch.zeros_like(table) if table.grad is None else table.grad for table in tables]
    return {"value": value.detach(), "gradients": gradients, "untouched": untouched}
