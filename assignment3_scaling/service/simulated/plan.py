"""What a training configuration comes to: the numbers that decide its loss, its seconds and its bytes."""

import json
import math
from dataclasses import dataclass

from assignment3_scaling.service.limits import Limits
from assignment3_scaling.service.schemas import AdamWConfig, TrainingConfig
from assignment3_scaling.service.simulated.machine import Machine
from assignment3_scaling.service.simulated.surface import Surface, rate_penalty, schedule_penalty, shape_penalty

VOCABULARY = 32_000
"""Tokens that the data is written in; a model may have room for more, not for fewer."""
LIMITS = Limits(min_vocab_size=VOCABULARY)

SGD_RATE_RATIO = 300.0
"""Plain gradient descent wants a rate so many times as large as AdamW's …"""
SGD_TOKEN_RATIO = 0.25
"""… and learns of a token what AdamW learns of a quarter."""
WATCHING = ("max_runtime_seconds", "n_evals", "val_batch_size")
"""Fields that say how a run is watched, and change nothing about what it learns."""


@dataclass(frozen=True)
class Plan:
    """A configuration, read."""

    config: TrainingConfig

    @property
    def N(self) -> int:
        """Non-embedding parameters."""
        return self.config.architecture_config.non_embedding_parameters()

    @property
    def D(self) -> int:
        """Training tokens."""
        return self.config.total_train_tokens

    @property
    def parameters(self) -> int:
        """All parameters: embedding, output matrix unless tied, attention, feed-forward layers, norms."""
        a = self.config.architecture_config
        d, biases = a.hidden_size, 4 * a.hidden_size * a.attention_bias
        block = 4 * d * d + biases + 3 * d * a.intermediate_size + 2 * d + 2 * a.head_dim
        return a.vocab_size * d * (1 if a.tie_word_embeddings else 2) + a.num_hidden_layers * block + d

    @property
    def batch_tokens(self) -> int:
        """Tokens an optimizer step."""
        return self.config.train_batch_size * LIMITS.seq_len

    @property
    def number_bytes(self) -> int:
        """Bytes of a weight, a gradient, an activation."""
        return 2 if self.config.architecture_config.dtype == "bfloat16" else 4

    @property
    def adaptive(self) -> bool:
        """Whether the optimizer is AdamW."""
        return isinstance(self.config.optimizer_config, AdamWConfig)

    @property
    def key(self) -> str:
        """What a run's noise depends on: all that training depends on, and nothing that only watches it."""
        decides = {name: value for name, value in self.config.as_json().items() if name not in WATCHING}
        return json.dumps(decides, sort_keys=True)

    def octaves(self, surface: Surface) -> float:
        """How many doublings the peak learning rate lies above the best one."""
        best = float(surface.best_rate(self.N, self.D)) * (1 if self.adaptive else SGD_RATE_RATIO)
        return math.log2(self.config.optimizer_config.lr_scheduler.peak_value / best)

    def divergence(self, surface: Surface) -> float:
        """The doublings above the best rate from which on training breaks down: fewer without clipping or warm-up."""
        optimizer = self.config.optimizer_config
        careless = (optimizer.grad_clip_norm is None) + 0.5 * (optimizer.lr_scheduler.warmup_frac < 0.01)
        return surface.divergence - careless

    def loss(self, surface: Surface, share: float = 1.0) -> float:
        """The loss without noise of a run on that share of the tokens, with this learning rate."""
        a, schedule = self.config.architecture_config, self.config.optimizer_config.lr_scheduler
        penalty = (
            float(rate_penalty(self.octaves(surface)))
            + float(shape_penalty(a.hidden_size, a.num_hidden_layers, a.intermediate_size))
            + schedule_penalty(schedule.final_lr_frac, schedule.warmup_frac)
        )
        useful = self.D * share * (1.0 if self.adaptive else SGD_TOKEN_RATIO)
        return float(surface.loss(float(self.N), useful, float(self.batch_tokens), penalty, VOCABULARY))

    def seconds(self, machine: Machine) -> float:
        """What training takes by the formula."""
        a = self.config.architecture_config
        N, D, batch = float(self.N), float(self.D), float(self.batch_tokens)
        return float(machine.seconds(N, D, a.num_hidden_layers, a.hidden_size, batch, a.vocab_size, self.number_bytes))

    def bytes_needed(self, machine: Machine) -> float:
        """The bytes at the peak of a step."""
        a = self.config.architecture_config
        return machine.bytes_needed(
            parameters=self.parameters,
            batch=self.config.train_batch_size,
            sequence=LIMITS.seq_len,
            layers=a.num_hidden_layers,
            width=a.hidden_size,
            heads=a.num_attention_heads,
            vocabulary=a.vocab_size,
            number_bytes=self.number_bytes,
            moments=2 if self.adaptive else 0,
        )
