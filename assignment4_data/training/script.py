"""The fixed training: the same steps for every data set, and the loss on text that it must not hold."""

from collections.abc import Callable

import numpy as np
import torch
from torch.nn import functional as F

from assignment4_data.training.model import CONTEXT, SmallModel

STEPS, BATCH = 200, 16
PEAK_RATE, WARMUP = 4e-3, 20
VALIDATION_SEQUENCES = 256
"""Sequences that the loss is the mean over: the first ones of the validation text, always the same."""


def validation_loss(
    tokens: np.ndarray,
    validation: np.ndarray,
    seed: int,
    steps: int = STEPS,
    progress: Callable[[int, float], None] = lambda step, loss: None,
) -> float:
    """Train on `tokens` from `seed`; the mean loss on `validation` afterwards, in nats a byte.

    `progress` is called after every step with its number, from 1, and the loss of its batch.

    Raises:
        ValueError: there are not even enough tokens for one sequence.
    """
    for name, ids in (("training", tokens), ("validation", validation)):
        if len(ids) <= CONTEXT:
            raise ValueError(f"{len(ids)} tokens of {name} data; expected at least {CONTEXT + 1}")
    generator = np.random.default_rng(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = SmallModel()
    optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK_RATE, weight_decay=0.01)
    for step in range(1, steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = PEAK_RATE * min(step / WARMUP, (steps - step + 1) / (steps - WARMUP + 1))
        starts = generator.integers(0, len(tokens) - CONTEXT, BATCH)
        loss = _loss(model, _sequences(tokens, starts))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        progress(step, loss.item())
    starts = np.arange(0, len(validation) - CONTEXT, CONTEXT)[:VALIDATION_SEQUENCES]
    with torch.no_grad():
        return _loss(model, _sequences(validation, starts)).item()


def _sequences(ids: np.ndarray, starts: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(ids[starts[:, None] + np.arange(CONTEXT + 1)])


def _loss(model: SmallModel, sequences: torch.Tensor) -> torch.Tensor:
    logits = model(sequences[:, :-1])
    return F.cross_entropy(logits.flatten(0, 1), sequences[:, 1:].flatten())
