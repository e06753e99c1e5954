"""Training by direct preference optimisation: a policy learns which of two responses was preferred."""

import random
from typing import Any

import torch

from assignment5_alignment.dpo import per_instance_dpo_loss


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
    """Train `policy` on comparisons, `reference` stays as it is; one dict with "loss" an update."""
    chance = random.Random(seed)
    history = []
    for _ in range(epochs):
        order = chance.sample(pairs, len(pairs))
        for begin in range(0, len(order), batch_size):
            batch = order[begin : begin + batch_size]
            optimizer.zero_grad()
            total = 0.0
            for prompt, chosen, rejected in batch:
                loss = per_instance_dpo_loss(policy, reference, tokenizer, beta, prompt, chosen, rejected) / len(batch)
                loss.backward()
                total += loss.item()
            torch.nn.utils.clip_grad_norm_(policy.parameters(), max_grad_norm)
            optimizer.step()
            history.append({"loss": total})
    optimizer.zero_grad()
    return history
