"""Configurations for the API, one way to break each of its rules, and what it says about any configuration.

What it says is asked of the service itself, so that the handout, the server and the tests cannot drift apart.
"""

import copy

from assignment3_scaling.service.rules import broken_rules
from assignment3_scaling.service.schemas import AdamWConfig, SGDConfig, TrainingConfig, WarmupCosineDecay

ARCHITECTURE, SCHEDULE = ("architecture_config",), ("optimizer_config", "lr_scheduler")
OPTIMIZER = ("optimizer_config",)
HUGE = 2**20

BREAKS = {
    "head_dim_zero": {(*ARCHITECTURE, "head_dim"): 0, (*ARCHITECTURE, "hidden_size"): 0},
    "head_dim_odd": {
        (*ARCHITECTURE, "head_dim"): 33,
        (*ARCHITECTURE, "hidden_size"): 4 * 33,
    },
    "width_is_not_heads_times_head_dim": {(*ARCHITECTURE, "hidden_size"): 130},
    "intermediate_too_small": {(*ARCHITECTURE, "intermediate_size"): 127},
    "intermediate_huge": {(*ARCHITECTURE, "intermediate_size"): HUGE + 1},
    "no_layers": {(*ARCHITECTURE, "num_hidden_layers"): 0},
    "too_many_layers": {(*ARCHITECTURE, "num_hidden_layers"): HUGE + 1},
    "kv_heads_do_not_divide": {(*ARCHITECTURE, "num_key_value_heads"): 3},
    "grouped_queries": {(*ARCHITECTURE, "num_key_value_heads"): 2},
    "no_kv_heads": {(*ARCHITECTURE, "num_key_value_heads"): 0},
    "no_vocabulary": {(*ARCHITECTURE, "vocab_size"): -5},
    "huge_vocabulary": {(*ARCHITECTURE, "vocab_size"): HUGE + 1},
    "norm_eps_zero": {(*ARCHITECTURE, "rms_norm_eps"): 0.0},
    "theta_negative": {(*ARCHITECTURE, "rope_theta"): -10_000},
    "theta_huge": {(*ARCHITECTURE, "rope_theta"): 10**12 + 1},
    "warmup_all_the_way": {(*SCHEDULE, "warmup_frac"): 1.0},
    "warmup_negative": {(*SCHEDULE, "warmup_frac"): -0.01},
    "final_above_peak": {(*SCHEDULE, "final_lr_frac"): 1.01},
    "final_negative": {(*SCHEDULE, "final_lr_frac"): -0.1},
    "init_negative": {(*SCHEDULE, "init_value"): -1e-9},
    "peak_zero": {(*SCHEDULE, "peak_value"): 0.0},
    "peak_negative": {(*SCHEDULE, "peak_value"): -3e-4},
    "clip_zero": {(*OPTIMIZER, "grad_clip_norm"): 0.0},
    "decay_negative": {(*OPTIMIZER, "weight_decay"): -0.01},
    "beta1_one": {(*OPTIMIZER, "beta1"): 1.0},
    "beta1_negative": {(*OPTIMIZER, "beta1"): -0.5},
    "beta2_one": {(*OPTIMIZER, "beta2"): 1.0},
    "eps_zero": {(*OPTIMIZER, "eps"): 0.0},
    "eps_root_negative": {(*OPTIMIZER, "eps_root"): -1e-12},
    "steps_cut": {("total_train_tokens",): 16 * 512 * 32 + 1},
    "tokens_cut_by_the_batch": {("total_train_tokens",): 16 * 512 * 31},
    "evaluations_uneven": {("n_evals",): 48},
    "no_evaluations": {("n_evals",): 0},
    "too_many_evaluations": {("n_evals",): 8192, ("total_train_tokens",): 8192 * 512 * 32},
    "no_batch": {("train_batch_size",): 0},
    "negative_batch": {("train_batch_size",): -32},
    "validation_batch_uneven": {("val_batch_size",): 3},
    "validation_batch_too_large": {("val_batch_size",): 1024},
    "no_validation_batch": {("val_batch_size",): 0},
    "no_tokens": {("total_train_tokens",): 0},
    "too_many_tokens": {("total_train_tokens",): 16 * 512 * 32 * 2_000_000},
    "no_time": {("max_runtime_seconds",): 0.5},
    "too_much_time": {("max_runtime_seconds",): 43_200.5},
    "seed_negative": {("model_seed",): -1},
    "seed_beyond_64_bits": {("model_seed",): 2**63},
}
"""Changes to `valid_config` by the path of the field; each breaks a rule or, where one leads to another, two."""

KEEPS = {
    "widest_schedule": {(*SCHEDULE, "warmup_frac"): 0.0, (*SCHEDULE, "final_lr_frac"): 1.0},
    "schedule_to_zero": {(*SCHEDULE, "final_lr_frac"): 0.0, (*SCHEDULE, "warmup_frac"): 0.999},
    "no_clipping": {(*OPTIMIZER, "grad_clip_norm"): None},
    "no_momentum": {(*OPTIMIZER, "beta1"): 0.0, (*OPTIMIZER, "beta2"): 0.0},
    "no_decay": {(*OPTIMIZER, "weight_decay"): 0.0, (*OPTIMIZER, "eps_root"): 0.0},
    "intermediate_of_the_width": {(*ARCHITECTURE, "intermediate_size"): 128},
    "one_head": {
        (*ARCHITECTURE, "num_attention_heads"): 1,
        (*ARCHITECTURE, "num_key_value_heads"): 1,
        (*ARCHITECTURE, "head_dim"): 128,
    },
    "largest_sizes": {(*ARCHITECTURE, "vocab_size"): HUGE, (*ARCHITECTURE, "intermediate_size"): HUGE},
    "shortest_run": {("max_runtime_seconds",): 1.0},
    "longest_run": {("max_runtime_seconds",): 43_200},
    "whole_validation_set_at_once": {("val_batch_size",): 512},
    "an_evaluation_a_step": {("n_evals",): 32},
    "largest_seed": {("model_seed",): 2**63 - 1},
}
"""Changes to `valid_config` that are still fine."""


def valid_config():
    """Every field written out, and no rule broken: 32 steps of 32 sequences."""
    return {
        "architecture_config": {
            "attention_bias": False, "head_dim": 32, "hidden_size": 128, "intermediate_size": 352,
            "num_attention_heads": 4, "num_hidden_layers": 3, "num_key_value_heads": 4, "rms_norm_eps": 1e-6,
            "rope_theta": 10_000, "tie_word_embeddings": False, "dtype": "bfloat16", "vocab_size": 32_000,
        },
        "optimizer_config": {
            "type": "adamw", "weight_decay": 0.1, "beta1": 0.9, "beta2": 0.95, "eps": 1e-8, "eps_root": 1e-8,
            "grad_clip_norm": 1.0,
            "lr_scheduler": {"peak_value": 1e-3, "final_lr_frac": 0.1, "warmup_frac": 0.05, "init_value": 0.0},
        },
        "train_batch_size": 32, "val_batch_size": 64, "n_evals": 16, "total_train_tokens": 32 * 32 * 512,
        "max_runtime_seconds": 600.0, "model_seed": 0,
    }  # fmt: skip


def changed(config, changes):
    """A copy of the configuration with values changed by path."""
    config = copy.deepcopy(config)
    for path, value in changes.items():
        part = config
        for key in path[:-1]:
            part = part[key]
        part[path[-1]] = value
    return config


def without(config, *paths):
    """A copy of the configuration that lacks these fields."""
    config = copy.deepcopy(config)
    for path in paths:
        part = config
        for key in path[:-1]:
            part = part[key]
        del part[path[-1]]
    return config


def said_of(config):
    """The texts of all rules that the configuration breaks, as the service says them, in its order."""
    optimizer = config["optimizer_config"]
    shape = {"adamw": AdamWConfig, "sgd": SGDConfig}[optimizer["type"]]
    schedule = _defaults(WarmupCosineDecay) | optimizer.get("lr_scheduler", {})
    full = _defaults(TrainingConfig) | config
    full["optimizer_config"] = _defaults(shape) | optimizer | {"lr_scheduler": schedule}
    return [broken.message for broken in broken_rules(full)]


def _defaults(shape):
    return {
        name: field.default
        for name, field in shape.model_fields.items()
        if not field.is_required() and field.default_factory is None
    }
