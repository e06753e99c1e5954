"""Supervised fine-tuning: a policy learns to answer as in examples."""

import random
from typing import Any

import torch

from assignment5_alignment.log_probs import get_response_log_probs
from assignment5_alignment.tokenization import tokenize_prompt_and_output
from assignment5_alignment.train_step import sft_microbatch_train_step


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
    """Train `policy` to answer each of `prompts` by its response; one dict with "loss" an update.

    Raises:
        ValueError: there are not as many responses as prompts.
    """
    if len(prompts) != len(responses):
        raise ValueError(f"{len(prompts)} prompts and {len(responses)} responses; expected as many")
    chance = random.Random(seed)
    history = []
    for _ in range(epochs):
        order = chance.sample(range(len(prompts)), len(prompts))
        for begin in range(0, len(order), batch_size):
            chosen = order[begin : begin + batch_size]
            rows = tokenize_prompt_and_output(
                [prompts[number] for number in chosen], [responses[number] for number in chosen], tokenizer
            )
            optimizer.zero_grad()
            scored = get_response_log_probs(policy, rows["input_ids"], rows["labels"], return_token_entropy=False)
            loss, _ = sft_microbatch_train_step(scored["log_probs"], rows["response_mask"], 1)
            torch.nn.utils.clip_grad_norm_(policy.parameters(), max_grad_norm)
            optimizer.step()
            history.append({"loss": float(loss)})
    optimizer.zero_grad()
    return history
