"""A training config that the API takes, and others that differ from it."""

import copy
from typing import Any

CONFIG: dict[str, Any] = {
    "architecture_config": {
        "attention_bias": False,
        "head_dim": 64,
        "hidden_size": 256,
        "intermediate_size": 768,
        "num_attention_heads": 4,
        "num_hidden_layers": 4,
        "num_key_value_heads": 4,
        "rms_norm_eps": 1e-6,
        "rope_theta": 10_000,
        "tie_word_embeddings": False,
        "dtype": "float32",
        "vocab_size": 32_000,
    },
    "optimizer_config": {
        "lr_scheduler": {"peak_value": 3e-3, "final_lr_frac": 0.1, "warmup_frac": 0.05, "init_value": 0.0},
        "weight_decay": 0.01,
        "beta1": 0.9,
        "beta2": 0.95,
        "eps": 1e-8,
        "eps_root": 1e-8,
        "grad_clip_norm": 1.0,
    },
    "train_batch_size": 32,
    "val_batch_size": 32,
    "n_evals": 4,
    "total_train_tokens": 512 * 32 * 64,
    "max_runtime_seconds": 60.0,
    "model_seed": 0,
}


def config(**changes: Any) -> dict[str, Any]:
    """The config with some changes; `architecture_config__head_dim=3` reaches into it, `...` takes a field out."""
    found = copy.deepcopy(CONFIG)
    for path, value in changes.items():
        *parents, name = path.split("__")
        place = found
        for parent in parents:
            place = place[parent]
        if value is ...:
            del place[name]
        else:
            place[name] = value
    return found
