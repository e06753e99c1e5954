"""Every rule of a training config has one sentence, and says which field it is about."""

import pytest

from assignment3_scaling.service.errors import InvalidConfig
from assignment3_scaling.service.limits import Limits
from assignment3_scaling.service.rules import broken_rules
from assignment3_scaling.service.schemas import TrainingConfig, parse
from assignment3_scaling.service.tests.configs import config

ARCHITECTURE, OPTIMIZER, SCHEDULE = "architecture_config", "optimizer_config", "optimizer_config__lr_scheduler"
POSITIVE = [
    *(
        f"{ARCHITECTURE}__{name}"
        for name in (
            "head_dim", "hidden_size", "intermediate_size", "num_attention_heads", "num_hidden_layers",
            "num_key_value_heads", "vocab_size", "rms_norm_eps", "rope_theta",
        )
    ),
    f"{SCHEDULE}__peak_value", f"{OPTIMIZER}__eps",
    "train_batch_size", "val_batch_size", "n_evals", "total_train_tokens",
]  # fmt: skip
CASES = [
    ({"total_train_tokens": 512 * 32 * 64 + 512}, "total_train_tokens",
     "total_train_tokens must be divisible by seq_len * train_batch_size"),
    ({"n_evals": 7}, "n_evals", "total optimizer steps must be divisible by n_evals"),
    ({"val_batch_size": 3}, "val_batch_size", "n_val_tokens must be divisible by seq_len * val_batch_size"),
    ({"val_batch_size": 1024}, "val_batch_size", "n_val_tokens must be divisible by seq_len * val_batch_size"),
    ({f"{ARCHITECTURE}__hidden_size": 512}, f"{ARCHITECTURE}__hidden_size",
     "hidden_size must equal num_attention_heads * head_dim"),
    ({f"{ARCHITECTURE}__num_key_value_heads": 3}, f"{ARCHITECTURE}__num_key_value_heads",
     "num_attention_heads must be divisible by num_key_value_heads"),
    ({f"{ARCHITECTURE}__num_key_value_heads": 2}, f"{ARCHITECTURE}__num_key_value_heads",
     "GQA is not supported: num_key_value_heads must equal num_attention_heads"),
    ({f"{ARCHITECTURE}__head_dim": 63, f"{ARCHITECTURE}__hidden_size": 252}, f"{ARCHITECTURE}__head_dim",
     "head_dim must be even"),
    ({f"{ARCHITECTURE}__intermediate_size": 255}, f"{ARCHITECTURE}__intermediate_size",
     "intermediate_size must be at least hidden_size"),
    ({f"{ARCHITECTURE}__rms_norm_eps": -1e-6}, f"{ARCHITECTURE}__rms_norm_eps", "rms_norm_eps must be positive"),
    ({f"{ARCHITECTURE}__rope_theta": 10**13}, f"{ARCHITECTURE}__rope_theta",
     "rope_theta must be at most 1000000000000"),
    ({f"{ARCHITECTURE}__num_hidden_layers": 2**20 + 1}, f"{ARCHITECTURE}__num_hidden_layers",
     "num_hidden_layers must be at most 1048576"),
    ({f"{SCHEDULE}__warmup_frac": 1.0}, f"{SCHEDULE}__warmup_frac", "warmup_frac must be in [0, 1)"),
    ({f"{SCHEDULE}__warmup_frac": -0.1}, f"{SCHEDULE}__warmup_frac", "warmup_frac must be in [0, 1)"),
    ({f"{SCHEDULE}__final_lr_frac": 1.1}, f"{SCHEDULE}__final_lr_frac", "final_lr_frac must be in [0, 1]"),
    ({f"{SCHEDULE}__init_value": -1e-9}, f"{SCHEDULE}__init_value", "init_value must not be negative"),
    ({f"{SCHEDULE}__peak_value": -1.0}, f"{SCHEDULE}__peak_value", "peak_value must be positive"),
    ({f"{OPTIMIZER}__grad_clip_norm": 0.0}, f"{OPTIMIZER}__grad_clip_norm", "grad_clip_norm must be positive or null"),
    ({f"{OPTIMIZER}__weight_decay": -0.1}, f"{OPTIMIZER}__weight_decay", "weight_decay must not be negative"),
    ({f"{OPTIMIZER}__beta1": 1.0}, f"{OPTIMIZER}__beta1", "beta1 must be in [0, 1)"),
    ({f"{OPTIMIZER}__beta2": -0.5}, f"{OPTIMIZER}__beta2", "beta2 must be in [0, 1)"),
    ({f"{OPTIMIZER}__eps_root": -1e-9}, f"{OPTIMIZER}__eps_root", "eps_root must not be negative"),
    ({"total_train_tokens": 512 * 32 * 4 * 10**7}, "total_train_tokens",
     "total_train_tokens must be at most 500000000000"),
    ({"max_runtime_seconds": 0.5}, "max_runtime_seconds", "max_runtime_seconds must be in [1, 43200]"),
    ({"max_runtime_seconds": 43_200.5}, "max_runtime_seconds", "max_runtime_seconds must be in [1, 43200]"),
    ({"model_seed": -1}, "model_seed", "model_seed must not be negative"),
    ({"model_seed": 2**63}, "model_seed", "model_seed must be at most 9223372036854775807"),
    ({"n_evals": 8192, "total_train_tokens": 512 * 32 * 8192}, "n_evals", "n_evals must be at most 4096"),
    *(({path: 0}, path, f"{path.split('__')[-1]} must be positive") for path in POSITIVE),
]  # fmt: skip


def problems(body, limits=None, *, final=False):
    """What is wrong with a body, as pairs of the path and the sentence."""
    try:
        parse(TrainingConfig, body, *([limits] if limits else []), final=final)
    except InvalidConfig as error:
        return [("__".join(problem["loc"]), problem["msg"]) for problem in error.problems]
    return []


def test_a_plain_config_breaks_no_rule():
    assert problems(config()) == []
    assert broken_rules(config()) == []


@pytest.mark.parametrize(("changes", "field", "message"), CASES, ids=[f"{c[1]}: {c[2]}" for c in CASES])
def test_a_broken_rule_is_said_with_its_field(changes, field, message):
    assert (field, message) in problems(config(**changes))


def test_all_broken_rules_are_said_at_once_and_in_order():
    body = config(n_evals=7, val_batch_size=3, optimizer_config__beta1=1.0, max_runtime_seconds=0.0, model_seed=-1)
    assert [message for _, message in problems(body)] == [
        "total optimizer steps must be divisible by n_evals",
        "n_val_tokens must be divisible by seq_len * val_batch_size",
        "beta1 must be in [0, 1)",
        "max_runtime_seconds must be in [1, 43200]",
        "model_seed must not be negative",
    ]


@pytest.mark.parametrize("edge", [
    {"optimizer_config__lr_scheduler__warmup_frac": 0.0}, {"optimizer_config__lr_scheduler__final_lr_frac": 1.0},
    {"optimizer_config__lr_scheduler__final_lr_frac": 0}, {"optimizer_config__grad_clip_norm": None},
    {"optimizer_config__weight_decay": 0.0}, {"optimizer_config__beta1": 0.0}, {"optimizer_config__eps_root": 0.0},
    {"max_runtime_seconds": 1}, {"max_runtime_seconds": 43_200}, {"architecture_config__intermediate_size": 256},
    {"n_evals": 64}, {"val_batch_size": 512}, {"model_seed": 2**63 - 1},
], ids=str)  # fmt: skip
def test_what_lies_on_the_edge_is_allowed(edge):
    assert problems(config(**edge)) == []


def test_the_config_of_a_final_run_may_take_48_hours():
    assert problems(config(max_runtime_seconds=172_800.0), final=True) == []
    message = "max_runtime_seconds must be in [1, 172800]"
    assert problems(config(max_runtime_seconds=172_801.0), final=True) == [("max_runtime_seconds", message)]


def test_a_backend_has_bounds_of_its_own():
    tiny = Limits(seq_len=64, n_val_tokens=64 * 32, max_train_tokens=10**6, min_vocab_size=256, max_runtime_seconds=90)
    body = config(total_train_tokens=64 * 32 * 64, architecture_config__vocab_size=100, max_runtime_seconds=91)
    assert problems(body, tiny) == [
        ("architecture_config__vocab_size", "vocab_size must be at least 256"),
        ("max_runtime_seconds", "max_runtime_seconds must be in [1, 90]"),
    ]


def test_the_rules_about_adamw_do_not_apply_to_sgd():
    sgd = {"type": "sgd", "lr_scheduler": {}, "grad_clip_norm": None}
    assert problems(config(optimizer_config=sgd)) == []
