"""What is lost when numbers of one precision are summed in another, and which dtypes autocast picks."""

from collections.abc import Sequence

import torch

DTYPES = {
    "float64": torch.float64,
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}


def accumulate(count: int, term: float, accumulator_dtype: str, term_dtype: str, cast_first: bool) -> float:
    """Start from zero in `accumulator_dtype` and add `term`, rounded once to `term_dtype`, `count` times.

    With `cast_first` the term is cast to the accumulator's dtype before it is added. Without, it is added in place
    as it is: PyTorch adds in the wider of the two dtypes and rounds the sum to the accumulator's.

    Dtypes are "float64", "float32", "float16" or "bfloat16".
    """
    total = torch.zeros((), dtype=DTYPES[accumulator_dtype])
    addend = torch.tensor(term, dtype=DTYPES[term_dtype])
    if cast_first:
        addend = addend.to(total.dtype)
    for _ in range(count):
        total += addend
    return total.item()


def autocast_dtypes(autocast_dtype: str) -> dict[str, str]:
    """The dtypes in a training step of the handout's toy model, whose parameters are made in float32.

    The forward pass and the loss run under `torch.autocast("cuda", dtype=autocast_dtype)`, where `autocast_dtype` is
    "float16" or "bfloat16"; the backward pass runs outside it.

    Keys: "parameters" within the autocast context; "fc1", "layer_norm" and "logits", outputs of these; "loss";
    "gradients" of the parameters.
    """
    return {
        "parameters": "float32",
        "fc1": autocast_dtype,
        "layer_norm": "float32",
        "logits": autocast_dtype,
        "loss": "float32",
        "gradients": "float32",
    }


LOW_PRECISION = ("linear", "matmul")
"""Products accumulate in float32 inside the unit that multiplies: narrow inputs cost little."""
FULL_PRECISION = ("softmax", "layer_norm", "exp", "sum", "cross_entropy")
"""Sums of many terms, and functions whose results have a far wider range than their inputs."""


def autocast_result(operation: str, dtypes: Sequence[str], autocast_dtype: str) -> str:
    """The dtype of an operation's result under `torch.autocast("cuda", dtype=autocast_dtype)`.

    `operation` is one of "linear", "matmul", "softmax", "layer_norm", "exp", "sum", "cross_entropy", "relu", "add",
    "mul". `dtypes` are those of its floating-point inputs, each "float32" or `autocast_dtype`.
    """
    if operation in LOW_PRECISION:
        return autocast_dtype
    if operation in FULL_PRECISION:
        return "float32"
    return "float32" if "float32" in dtypes else autocast_dtype
