"""The rules that the values of a training config keep, in order, each with the sentence that says it is broken.

Types, unknown fields and missing ones are not here: `schemas` sees to them first, so each value here has its type.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assignment3_scaling.service.limits import PUBLIC, Limits

Config = Mapping[str, Any]
SIZES = (
    "head_dim", "hidden_size", "intermediate_size", "num_attention_heads", "num_hidden_layers", "num_key_value_heads",
    "vocab_size",
)  # fmt: skip
BATCHES = ("train_batch_size", "val_batch_size", "n_evals", "total_train_tokens")


@dataclass(frozen=True)
class Broken:
    """A broken rule: the path of the field that it is about, and a sentence about it."""

    field: tuple[str, ...]
    message: str


def broken_rules(config: Config, limits: Limits = PUBLIC, *, final: bool = False) -> list[Broken]:
    """Every rule that a config breaks: none means that it may be run.

    `config` is the JSON form with all defaults filled in. `final` is for the config of a final submission, whose run
    may take `limits.final_runtime_seconds`.
    """
    return [
        *_tokens(config, limits),
        *_architecture(config, limits),
        *_optimizer(config),
        *_rest(config, limits, final),
    ]


def _tokens(config: Config, limits: Limits) -> Iterator[Broken]:
    """A run is a whole number of steps, and the same number of them lies between evaluations."""
    per_step = limits.seq_len * config["train_batch_size"]
    if per_step > 0 and config["total_train_tokens"] % per_step:
        yield Broken(("total_train_tokens",), "total_train_tokens must be divisible by seq_len * train_batch_size")
    elif per_step > 0 and config["n_evals"] > 0 and config["total_train_tokens"] // per_step % config["n_evals"]:
        yield Broken(("n_evals",), "total optimizer steps must be divisible by n_evals")
    per_val_step = limits.seq_len * config["val_batch_size"]
    if per_val_step > 0 and limits.n_val_tokens % per_val_step:
        yield Broken(("val_batch_size",), "n_val_tokens must be divisible by seq_len * val_batch_size")


def _architecture(config: Config, limits: Limits) -> Iterator[Broken]:
    """Heads fill the width; rotary embeddings turn pairs of dimensions; every head has its own keys and values."""
    part, at = config["architecture_config"], "architecture_config"
    for name in SIZES:
        if part[name] <= 0:
            yield Broken((at, name), f"{name} must be positive")
        elif part[name] > limits.max_size:
            yield Broken((at, name), f"{name} must be at most {limits.max_size}")
    heads, kv_heads = part["num_attention_heads"], part["num_key_value_heads"]
    if part["hidden_size"] != heads * part["head_dim"]:
        yield Broken((at, "hidden_size"), "hidden_size must equal num_attention_heads * head_dim")
    if kv_heads > 0 and heads % kv_heads:
        yield Broken((at, "num_key_value_heads"), "num_attention_heads must be divisible by num_key_value_heads")
    if kv_heads != heads:
        text = "GQA is not supported: num_key_value_heads must equal num_attention_heads"
        yield Broken((at, "num_key_value_heads"), text)
    if part["head_dim"] % 2:
        yield Broken((at, "head_dim"), "head_dim must be even")
    if part["intermediate_size"] < part["hidden_size"]:
        yield Broken((at, "intermediate_size"), "intermediate_size must be at least hidden_size")
    if part["rms_norm_eps"] <= 0:
        yield Broken((at, "rms_norm_eps"), "rms_norm_eps must be positive")
    if part["rope_theta"] <= 0:
        yield Broken((at, "rope_theta"), "rope_theta must be positive")
    elif part["rope_theta"] > 10**12:
        yield Broken((at, "rope_theta"), "rope_theta must be at most 1000000000000")
    if 0 < part["vocab_size"] < limits.min_vocab_size:
        yield Broken((at, "vocab_size"), f"vocab_size must be at least {limits.min_vocab_size}")


def _optimizer(config: Config) -> Iterator[Broken]:
    """A schedule that rises and falls, and constants for which the update is defined."""
    part, at = config["optimizer_config"], "optimizer_config"
    schedule, on = part["lr_scheduler"], (at, "lr_scheduler")
    if not 0 <= schedule["warmup_frac"] < 1:
        yield Broken((*on, "warmup_frac"), "warmup_frac must be in [0, 1)")
    if not 0 <= schedule["final_lr_frac"] <= 1:
        yield Broken((*on, "final_lr_frac"), "final_lr_frac must be in [0, 1]")
    if schedule["init_value"] < 0:
        yield Broken((*on, "init_value"), "init_value must not be negative")
    if schedule["peak_value"] <= 0:
        yield Broken((*on, "peak_value"), "peak_value must be positive")
    if part["grad_clip_norm"] is not None and part["grad_clip_norm"] <= 0:
        yield Broken((at, "grad_clip_norm"), "grad_clip_norm must be positive or null")
    if "weight_decay" not in part:  # the rest is AdamW's
        return
    if part["weight_decay"] < 0:
        yield Broken((at, "weight_decay"), "weight_decay must not be negative")
    for name in ("beta1", "beta2"):
        if not 0 <= part[name] < 1:
            yield Broken((at, name), f"{name} must be in [0, 1)")
    if part["eps"] <= 0:
        yield Broken((at, "eps"), "eps must be positive")
    if part["eps_root"] < 0:
        yield Broken((at, "eps_root"), "eps_root must not be negative")


def _rest(config: Config, limits: Limits, final: bool) -> Iterator[Broken]:
    """Counts are positive, and nothing is larger than the machine allows."""
    most = {
        "train_batch_size": limits.max_size, "val_batch_size": limits.max_size, "n_evals": limits.max_evals,
        "total_train_tokens": limits.max_train_tokens,
    }  # fmt: skip
    for name in BATCHES:
        if config[name] <= 0:
            yield Broken((name,), f"{name} must be positive")
        elif config[name] > most[name]:
            yield Broken((name,), f"{name} must be at most {most[name]}")
    longest = limits.final_runtime_seconds if final else limits.max_runtime_seconds
    if not 1 <= config["max_runtime_seconds"] <= longest:
        yield Broken(("max_runtime_seconds",), f"max_runtime_seconds must be in [1, {longest:.0f}]")
    if config["model_seed"] < 0:
        yield Broken(("model_seed",), "model_seed must not be negative")
    elif config["model_seed"] > limits.max_seed:
        yield Broken(("model_seed",), f"model_seed must be at most {limits.max_seed}")
