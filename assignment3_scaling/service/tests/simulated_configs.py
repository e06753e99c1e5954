"""Configurations for the simulated cluster, by the numbers that matter to it."""

from typing import Any

from assignment3_scaling.service.schemas import TrainingConfig, parse
from assignment3_scaling.service.simulated.plan import LIMITS


def config(
    layers: int = 8,
    width: int = 512,
    batch: int = 32,
    steps: int = 1024,
    rate: float = 3e-3,
    *,
    optimizer: dict[str, Any] | None = None,
    architecture: dict[str, Any] | None = None,
    **others: Any,
) -> TrainingConfig:
    """A valid configuration; `optimizer`, `architecture` and others replace single fields."""
    heads = max(1, width // 64)
    fields = {
        "architecture_config": {
            "attention_bias": False, "head_dim": width // heads, "hidden_size": width,
            "intermediate_size": round(width * 8 / 3), "num_attention_heads": heads, "num_hidden_layers": layers,
            "num_key_value_heads": heads, "rms_norm_eps": 1e-6, "rope_theta": 10_000, "tie_word_embeddings": False,
            "dtype": "bfloat16", "vocab_size": 32_000, **(architecture or {}),
        },
        "optimizer_config": {"type": "adamw", "lr_scheduler": {"peak_value": rate}, **(optimizer or {})},
        "train_batch_size": batch, "val_batch_size": 64, "n_evals": 16, "total_train_tokens": steps * batch * 512,
        "max_runtime_seconds": 43_200.0, **others,
    }  # fmt: skip
    return parse(TrainingConfig, fields, LIMITS)
