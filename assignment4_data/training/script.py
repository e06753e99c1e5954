"""The fixed training: the same steps for every data set, and the loss on text that it must not hold."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from assignment4_data.training.model import CONTEXT, SmallModel

STEPS = 400
PEAK_RATE, WARMUP = 1e-2, 20
VALIDATION_PLACES = 20_000
"""How many ids of the validation text are predicted at most: the first ones, always the same."""


@dataclass(frozen=True)
class Scale:
    """How large the model and its batches are, and where it is trained."""

    context: int = CONTEXT
    width: int = 16
    hidden: int = 160
    batch: int = 512
    device: str = "cpu"


SMALL = Scale()


def validation_loss(
    tokens: np.ndarray,
    validation: np.ndarray,
    seed: int,
    steps: int = STEPS,
    progress: Callable[[int, float], None] = lambda step, loss: None,
    scale: Scale = SMALL,
) -> float:
    """Train on `tokens` from `seed`; the mean loss on `validation` afterwards, in nats a token.

    `progress` is called after every step with its number, from 1, and the loss of its batch.

    Raises:
        ValueError: there are not even enough tokens for one prediction.
    """
    for name, ids in (("training", tokens), ("validation", validation)):
        if len(ids) <= scale.context:
            raise ValueError(f"{len(ids)} tokens of {name} data; expected at least {scale.context + 1}")
    with _alone(seed):
        model = SmallModel(scale.width, scale.hidden, scale.context).to(scale.device)
        optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK_RATE, weight_decay=0.01)
        generator = np.random.default_rng(seed)
        for step in range(1, steps + 1):
            for group in optimizer.param_groups:
                group["lr"] = PEAK_RATE * min(step / WARMUP, (steps - step + 1) / max(1, steps - WARMUP))
            loss = _loss(model, tokens, generator.integers(0, len(tokens) - scale.context, scale.batch), scale)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            progress(step, loss.item())
        with torch.no_grad():
            places = np.arange(min(VALIDATION_PLACES, len(validation) - scale.context))
            return _loss(model, validation, places, scale).item()


def _loss(model: SmallModel, ids: np.ndarray, starts: np.ndarray, scale: Scale) -> torch.Tensor:
    rows = torch.from_numpy(ids[starts[:, None] + np.arange(scale.context + 1)]).to(scale.device)
    return F.cross_entropy(model(rows[:, :-1]), rows[:, -1])


@contextmanager
def _alone(seed: int) -> Iterator[None]:
    """Seeded generators, and one thread: steps this small take longer with more, and would not be the same everywhere."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)
