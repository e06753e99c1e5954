"""Supervised fine-tuning: a policy learns to answer as in examples."""

from typing import Any

import torch


def train_sft(
    policy: torch.nn.Module,
    tokenizer: Any,
    optimizer: torch.optim.Optimizer,
    prompts: list[str],
    responses: list[str],
    batch_size: int,
    epochs: int,
    max_grad_norm: float,
    seed: int,
) -> list[dict[str, float]]:
    """Train `policy` to answer each of `prompts` by its response.

    Args:
        policy: a causal language model; called as `policy(input_ids)`, with `.logits` on the reply.
        tokenizer: of the policy.
        optimizer: of the policy's parameters; you neither make nor replace it.
        prompts, responses: the examples.
        batch_size: examples of one update. The last batch of an epoch has what is left.
        epochs: how often every example is used; each time in a new order.
        max_grad_norm: the gradient of an update is clipped to this norm.
        seed: decides the orders, and nothing else does.

    Returns:
        One dict an update, in order: "loss", the mean over the batch of a response's negative log-likelihood.

    Raises:
        ValueError: there are not as many responses as prompts.
    """
    raise NotImplementedError("sft_experiment: write train_sft in assignment5_alignment/sft.py")
