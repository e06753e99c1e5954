"""What is lost when numbers of one precision are summed in another, and which dtypes autocast picks."""

from collections.abc import Sequence


def accumulate(count: int, term: float, accumulator_dtype: str, term_dtype: str, cast_first: bool) -> float:
    """Start from zero in `accumulator_dtype` and add `term`, rounded once to `term_dtype`, `count` times.

    With `cast_first` the term is cast to the accumulator's dtype before it is added. Without, it is added in place
    as it is: PyTorch adds in the wider of the two dtypes and rounds the sum to the accumulator's.

    Dtypes are "float64", "float32", "float16" or "bfloat16".
    """
    raise NotImplementedError(
        "mixed_precision_accumulation: write accumulate in assignment2_systems/mixed_precision.py"
    )


def autocast_dtypes(autocast_dtype: str) -> dict[str, str]:
    """The dtypes in a training step of the handout's toy model, whose parameters are made in float32.

    The forward pass and the loss run under `torch.autocast("cuda", dtype=autocast_dtype)`, where `autocast_dtype` is
    "float16" or "bfloat16"; the backward pass runs outside it.

    Keys: "parameters" within the autocast context; "fc1", "layer_norm" and "logits", outputs of these; "loss";
    "gradients" of the parameters.
    """
    raise NotImplementedError(
        "benchmarking_mixed_precision: write autocast_dtypes in assignment2_systems/mixed_precision.py"
    )


def autocast_result(operation: str, dtypes: Sequence[str], autocast_dtype: str) -> str:
    """The dtype of an operation's result under `torch.autocast("cuda", dtype=autocast_dtype)`.

    `operation` is one of "linear", "matmul", "softmax", "layer_norm", "exp", "sum", "cross_entropy", "relu", "add",
    "mul". `dtypes` are those of its floating-point inputs, each "float32" or `autocast_dtype`.
    """
    raise NotImplementedError(
        "benchmarking_mixed_precision: write autocast_result in assignment2_systems/mixed_precision.py"
    )
