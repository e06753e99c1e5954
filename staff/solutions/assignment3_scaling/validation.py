"""The rules of the training API, before a request is sent: what is refused costs no budget, but it costs time."""

from collections.abc import Iterator
from typing import Any

SEQ_LEN = 512
N_VAL_TOKENS = 2**18
MAX_SIZE = 2**20

SIZES = (
    "head_dim", "hidden_size", "intermediate_size", "num_attention_heads", "num_hidden_layers", "num_key_value_heads",
    "vocab_size",
)  # fmt: skip
LARGEST = {
    "train_batch_size": MAX_SIZE,
    "val_batch_size": MAX_SIZE,
    "n_evals": 4096,
    "total_train_tokens": 500_000_000_000,
}
DEFAULTS: dict[str, Any] = {"n_evals": 16, "model_seed": 0}
OPTIMIZER: dict[str, Any] = {"lr_scheduler": {}, "grad_clip_norm": 1.0}
ADAMW = {"weight_decay": 0.01, "beta1": 0.9, "beta2": 0.95, "eps": 1e-8, "eps_root": 1e-8}
SCHEDULE = {"peak_value": 3e-4, "final_lr_frac": 0.1, "warmup_frac": 0.05, "init_value": 0.0}


def validate_config(config: dict[str, Any]) -> list[str]:
    """The texts of all rules of the handout's table that `config` breaks, in the table's order; [] if it breaks none.

    `config` is a training configuration in the API's JSON shape. Keys are there and values have their types, but a key
    that has a default may be missing: then the default holds.
    """
    full = {**DEFAULTS, **config}
    return [*_tokens(full), *_architecture(full["architecture_config"]), *_optimizer(full), *_rest(full)]


def _tokens(config: dict[str, Any]) -> Iterator[str]:
    step = SEQ_LEN * config["train_batch_size"]
    if step > 0:
        steps, rest = divmod(config["total_train_tokens"], step)
        if rest:
            yield "total_train_tokens must be divisible by seq_len * train_batch_size"
        elif config["n_evals"] > 0 and steps % config["n_evals"]:
            yield "total optimizer steps must be divisible by n_evals"
    if config["val_batch_size"] > 0 and N_VAL_TOKENS % (SEQ_LEN * config["val_batch_size"]):
        yield "n_val_tokens must be divisible by seq_len * val_batch_size"


def _architecture(part: dict[str, Any]) -> Iterator[str]:
    for name in SIZES:
        yield from _within(name, part[name], MAX_SIZE)
    heads, kv_heads = part["num_attention_heads"], part["num_key_value_heads"]
    if part["hidden_size"] != heads * part["head_dim"]:
        yield "hidden_size must equal num_attention_heads * head_dim"
    if kv_heads > 0 and heads % kv_heads:
        yield "num_attention_heads must be divisible by num_key_value_heads"
    if kv_heads != heads:
        yield "GQA is not supported: num_key_value_heads must equal num_attention_heads"
    if part["head_dim"] % 2:
        yield "head_dim must be even"
    if part["intermediate_size"] < part["hidden_size"]:
        yield "intermediate_size must be at least hidden_size"
    if part["rms_norm_eps"] <= 0:
        yield "rms_norm_eps must be positive"
    yield from _within("rope_theta", part["rope_theta"], 10**12)


def _optimizer(config: dict[str, Any]) -> Iterator[str]:
    given = config["optimizer_config"]
    adamw = given["type"] == "adamw"
    part = {**OPTIMIZER, **(ADAMW if adamw else {}), **given}
    schedule = {**SCHEDULE, **part["lr_scheduler"]}
    if not 0 <= schedule["warmup_frac"] < 1:
        yield "warmup_frac must be in [0, 1)"
    if not 0 <= schedule["final_lr_frac"] <= 1:
        yield "final_lr_frac must be in [0, 1]"
    if schedule["init_value"] < 0:
        yield "init_value must not be negative"
    if schedule["peak_value"] <= 0:
        yield "peak_value must be positive"
    if part["grad_clip_norm"] is not None and part["grad_clip_norm"] <= 0:
        yield "grad_clip_norm must be positive or null"
    if not adamw:
        return
    if part["weight_decay"] < 0:
        yield "weight_decay must not be negative"
    for name in ("beta1", "beta2"):
        if not 0 <= part[name] < 1:
            yield f"{name} must be in [0, 1)"
    if part["eps"] <= 0:
        yield "eps must be positive"
    if part["eps_root"] < 0:
        yield "eps_root must not be negative"


def _rest(config: dict[str, Any]) -> Iterator[str]:
    for name, largest in LARGEST.items():
        yield from _within(name, config[name], largest)
    if not 1 <= config["max_runtime_seconds"] <= 43_200:
        yield "max_runtime_seconds must be in [1, 43200]"
    if config["model_seed"] < 0:
        yield "model_seed must not be negative"
    elif config["model_seed"] >= 2**63:
        yield f"model_seed must be at most {2**63 - 1}"


def _within(name: str, value: int, largest: int) -> Iterator[str]:
    if value <= 0:
        yield f"{name} must be positive"
    elif value > largest:
        yield f"{name} must be at most {largest}"
