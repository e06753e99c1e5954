"""What a run reads: batches of a source's windows, and the windows that its losses are measured on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from assignment3_scaling.service.schemas import TrainingConfig
from assignment3_scaling.service.training.source import Source, seed_of

BLOCK_WINDOWS = 2048
"""Windows are drawn in blocks of this many, whatever the batch: every run of a seed reads the same stream."""


def stream(
    source: Source, config: TrainingConfig, seq_len: int, student: int | str
) -> Iterator[Int[Tensor, "batch length"]]:
    """Batches of windows with one token more than the model sees, without end and never the same twice."""
    rng = np.random.default_rng(seed_of("train", student, config.model_seed))
    windows = torch.empty((0, seq_len + 1), dtype=torch.long)
    while True:
        while len(windows) < config.train_batch_size:
            block = torch.from_numpy(source.sample(BLOCK_WINDOWS, seq_len + 1, rng))
            windows = torch.cat([windows, block])
        yield windows[: config.train_batch_size]
        windows = windows[config.train_batch_size :]


@dataclass(frozen=True)
class Validation:
    """Windows that are never trained on, and the source's own probabilities of each next token in them."""

    windows: Int[Tensor, "windows length"]
    truth: Float[Tensor, "windows targets vocab"]

    @classmethod
    def drawn(cls, source: Source, student: int | str, seq_len: int, n_tokens: int, device: str) -> Self:
        """The validation set of a student: `n_tokens` targets."""
        rng = np.random.default_rng(seed_of("validation", student))
        windows = source.sample(n_tokens // seq_len, seq_len + 1, rng)
        truth = torch.from_numpy(source.next_probabilities(windows)).to(torch.float32)
        return cls(torch.from_numpy(windows).to(device), truth.to(device))

    @torch.no_grad()
    def loss(self, model: nn.Module, batch: int) -> float:
        """The mean over all targets of -Σ P(c) log Q(c), P the source's probabilities and Q the model's, in nats."""
        total = 0.0
        for first in range(0, len(self.windows), batch):
            windows, truth = self.windows[first : first + batch], self.truth[first : first + batch]
            logarithms = model(windows[:, :-1]).float().log_softmax(dim=-1)[..., : truth.shape[-1]]
            total -= float((truth * logarithms).sum(dtype=torch.float64))
        return total / self.truth[..., 0].numel()
