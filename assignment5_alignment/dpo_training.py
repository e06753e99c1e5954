"""Training by direct preference optimisation: a policy learns which of two responses was preferred."""

from typing import Any

import torch


def train_dpo(
    policy: torch.nn.Module,
    reference: torch.nn.Module,
    tokenizer: Any,
    optimizer: torch.optim.Optimizer,
    pairs: list[tuple[str, str, str]],
    beta: float,
    batch_size: int,
    epochs: int,
    max_grad_norm: float,
    seed: int,
) -> list[dict[str, float]]:
    """Train `policy` on comparisons; `reference` stays as it is.

    Args:
        policy: the model that learns.
        reference: what it must not stray from: the same model before it learned.
        tokenizer: of both.
        optimizer: of the policy's parameters; you neither make nor replace it.
        pairs: (prompt, the preferred response, the other response).
        beta: of the loss.
        batch_size: comparisons of one update. The last batch of an epoch has what is left.
        epochs: how often every comparison is used; each time in a new order.
        max_grad_norm: the gradient of an update is clipped to this norm.
        seed: decides the orders, and nothing else does.

    Returns:
        One dict an update, in order: "loss", the mean over the batch of the loss of a comparison before the update.
    """
    raise NotImplementedError("dpo_training: write train_dpo in assignment5_alignment/dpo_training.py")
