"""What a training run is told: a JSON file becomes a `TrainConfig`, or an error that names file and key."""

import dataclasses


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


def read_config(path: str) -> TrainConfig:
    """The configuration in the JSON file `path`.

    Raises:
        TrainingError: the file is missing or no JSON object; a key is unknown or missing; a value is not of the
            type above (an int is a good float, a bool is no number); a size, a count or an interval (the int keys
            but `seed` and `warmup_steps`, which may be 0) is less than 1.
    """
    raise NotImplementedError("training_together: write read_config in assignment1_basics/training_config.py")
