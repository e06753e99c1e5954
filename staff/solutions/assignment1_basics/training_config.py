"""What a training run is told: a JSON file becomes a `TrainConfig`, or an error that names file and key."""

import dataclasses
import json
import types
import typing
from pathlib import Path


class TrainingError(Exception):
    """Something the user can put right. The message is one line and names the file or the key."""


@dataclasses.dataclass(frozen=True)
class TrainConfig:
    """A run, as its JSON file describes it. A key without a default must be there; others may be left out.

    Token files are arrays saved by `numpy.save`: one dimension, an integer dtype. Their paths are relative to the
    working directory. A `step` is one update; steps count from 1.
    """

    train_tokens: str
    val_tokens: str

    vocab_size: int
    context_length: int
    d_model: int
    num_layers: int
    num_heads: int
    d_ff: int

    batch_size: int
    steps: int
    max_lr: float

    rope_theta: float = 10000.0
    min_lr: float = 0.0
    warmup_steps: int = 0
    cosine_steps: int | None = None  # where the cosine ends; None: at `steps`
    weight_decay: float = 0.01  # of all parameters
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    max_grad_norm: float = 1.0

    eval_every: int = 100
    eval_batches: int = 10
    checkpoint_every: int = 1000
    seed: int = 0
    device: str = "cpu"
    tensorboard: bool = False  # events in <out>/tensorboard, if the package is installed


MAY_BE_ZERO = ("seed", "warmup_steps")


def read_config(path: str) -> TrainConfig:
    """The configuration in the JSON file `path`; every complaint names the file and the key."""
    try:
        given = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise TrainingError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise TrainingError(f"{path}: not valid JSON: {error}") from None
    if not isinstance(given, dict):
        raise TrainingError(f"{path}: holds a {type(given).__name__}; expected a JSON object")
    wanted = {field.name: field for field in dataclasses.fields(TrainConfig)}
    for key in given.keys() - wanted.keys():
        raise TrainingError(f"{path}: unknown key {key!r}; expected one of {', '.join(wanted)}")
    hints = typing.get_type_hints(TrainConfig)
    for key, field in wanted.items():
        if key in given:
            complaint = _complaint(key, given[key], hints[key])
            if complaint:
                raise TrainingError(f"{path}: {key} is {given[key]!r}; expected {complaint}")
        elif field.default is dataclasses.MISSING:
            raise TrainingError(f"{path}: the key {key!r} is missing")
    return TrainConfig(**given)


def _complaint(key: str, value: object, hint: object) -> str | None:
    """What was expected instead of `value`, or None."""
    kinds = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    good = tuple(kind for kind in (*kinds, int if float in kinds else None) if isinstance(kind, type))
    if not isinstance(value, good) or (isinstance(value, bool) and bool not in kinds):
        return " or ".join(getattr(kind, "__name__", str(kind)) for kind in kinds).replace("NoneType", "null")
    if isinstance(value, int) and int in kinds and value < 1 and not (key in MAY_BE_ZERO and value == 0):
        return "at least 1" if key not in MAY_BE_ZERO else "at least 0"
    return None
