"""A language model that is built from a description of its sizes."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .nn import Embedding, Linear, RMSNorm, RotaryPositionalEmbedding
from .transformer import TransformerBlock


@dataclass(frozen=True)
class ModelConfig:
    vocab_size: int
    context_length: int
    d_model: int
    num_layers: int
    num_heads: int
    d_ff: int
    rope_theta: float = 10000.0
    device: torch.device | str | None = None
    dtype: torch.dtype | None = None


class ConfiguredModel(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        kind = {"device": config.device, "dtype": config.dtype}
        self.config = config
        self.token_embeddings = Embedding(config.vocab_size, config.d_model, **kind)
        self.layers = nn.ModuleList([self.block(kind) for _ in range(config.num_layers)])
        self.ln_final = RMSNorm(config.d_model, **kind)
        self.lm_head = Linear(config.d_model, config.vocab_size, **kind)

    def block(self, kind: dict) -> TransformerBlock:
        config = self.config
        d_head = config.d_model // config.num_heads
        rope = RotaryPositionalEmbedding(config.rope_theta, d_head, config.context_length, config.device)
        return TransformerBlock(config.d_model, config.num_heads, config.d_ff, rope, **kind)

    def forward(self, token_ids: Tensor) -> Tensor:
        assert token_ids.shape[-1] <= self.config.context_length
        x = self.token_embeddings(token_ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.ln_final(x))


class LanguageModel(ConfiguredModel):
    def __init__(self, *sizes, **options) -> None:
        super().__init__(ModelConfig(*sizes, **options))
