"""The fields of a training config as the submit form shows them: one for each value, in groups, none left out."""

from dataclasses import dataclass
from typing import Literal

from assignment3_scaling.service.limits import Limits

Kind = Literal["whole", "number", "number or nothing", "truth", "choice"]


@dataclass(frozen=True)
class Field:
    """One value. `path` leads to it in the JSON; `value` is what the form starts with, as text."""

    path: str
    label: str
    value: str
    kind: Kind = "whole"
    hint: str = ""
    choices: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The input's id in the page."""
        return self.path.replace(".", "-")


@dataclass(frozen=True)
class Group:
    """Fields under one heading; those in `rest` are folded away at first."""

    title: str
    fields: tuple[Field, ...]
    rest: tuple[Field, ...] = ()


def groups(limits: Limits) -> tuple[Group, ...]:
    """The form of a config within these limits, filled with a small run that they allow."""
    model, optimizer, schedule = "architecture_config.", "optimizer_config.", "optimizer_config.lr_scheduler."
    tokens, vocab = 256 * limits.seq_len * 16 * 16, limits.min_vocab_size if limits.min_vocab_size > 1 else 32_000
    return (
        Group(
            "Model",
            (
                Field(f"{model}hidden_size", "Width", "64", hint="hidden_size = heads × head_dim"),
                Field(f"{model}num_hidden_layers", "Layers", "2"),
                Field(f"{model}num_attention_heads", "Heads", "2"),
                Field(f"{model}head_dim", "Head dim", "32", hint="even"),
                Field(f"{model}intermediate_size", "Feed-forward", "176", hint="at least the width"),
                Field(f"{model}vocab_size", "Vocabulary", str(vocab), hint=f"at least {limits.min_vocab_size}"),
            ),
            (
                Field(f"{model}num_key_value_heads", "Key-value heads", "2", hint="as many as heads"),
                Field(f"{model}rope_theta", "RoPE theta", "10000"),
                Field(f"{model}rms_norm_eps", "RMSNorm epsilon", "1e-5", "number"),
                Field(f"{model}dtype", "Number format", "float32", "choice", choices=("float32", "bfloat16")),
                Field(f"{model}attention_bias", "Biases in attention", "", "truth"),
                Field(f"{model}tie_word_embeddings", "Tied embeddings", "", "truth"),
            ),
        ),
        Group(
            "Training",
            (
                Field(
                    "total_train_tokens", "Tokens", str(tokens), hint=f"a multiple of {limits.seq_len} × batch × evals"
                ),
                Field("train_batch_size", "Batch", "16", hint=f"sequences of {limits.seq_len} tokens"),
                Field(f"{schedule}peak_value", "Peak rate", "3e-3", "number"),
                Field("max_runtime_seconds", "Longest run, s", "60", "number", "reserved until the run is over"),
            ),
            (
                Field("n_evals", "Evaluations", "16"),
                Field("val_batch_size", "Validation batch", "16"),
                Field("model_seed", "Seed", "0"),
                Field(f"{schedule}warmup_frac", "Warm-up, share", "0.05", "number"),
                Field(f"{schedule}final_lr_frac", "Last rate, share", "0.1", "number"),
                Field(f"{schedule}init_value", "First rate", "0", "number"),
                Field(f"{optimizer}type", "Optimizer", "adamw", "choice", choices=("adamw", "sgd")),
                Field(f"{optimizer}grad_clip_norm", "Clip norm", "1", "number or nothing", "empty: no clipping"),
                Field(f"{optimizer}weight_decay", "Weight decay", "0.01", "number", "AdamW only, as all below"),
                Field(f"{optimizer}beta1", "Beta 1", "0.9", "number"),
                Field(f"{optimizer}beta2", "Beta 2", "0.95", "number"),
                Field(f"{optimizer}eps", "Epsilon", "1e-8", "number"),
                Field(f"{optimizer}eps_root", "Epsilon in the root", "1e-8", "number"),
            ),
        ),
    )
