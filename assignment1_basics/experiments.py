"""Training logs and what is read from them: faults, curves, sweeps over learning rates and batch sizes.

A log is a list of records in the order they were written; a record is a dict with the six keys

    step        int, optimizer steps taken so far, 0 or more
    wall_s      seconds since the run began, finite, 0 or more
    train_loss  number, or None where it was not measured
    val_loss    number, or None where it was not measured
    lr          learning rate, finite, 0 or more
    tokens      int, tokens trained on so far, 0 or more

and, perhaps, others. A number is an int or a float, never a bool. A loss that is NaN or infinite is no fault
of the log: it says that the run diverged. A log that is not being checked for faults has none, and has a
val_loss that is not None.
"""

from typing import Any

Record = dict[str, Any]


def read_log(text: str) -> list[Record]:
    """The records of a log written as a JSON object a line, that of a resumed run included.

    Lines with nothing but white space are skipped. A last line without a line end that is no complete JSON is
    what a killed run leaves: it is dropped. A run that is resumed from a checkpoint repeats steps: a record
    replaces all earlier ones whose step is not less than its own.

    Raises:
        ValueError: any other line is not a JSON object.
    """
    raise NotImplementedError("experiment_log: write read_log in assignment1_basics/experiments.py")


def log_faults(records: list[Record]) -> list[tuple[int, str]]:
    """Everything that is wrong in a log: (index of the record, key), ordered by index, then by key (as text).

    One of the six keys is at fault in a record if it is missing, if its value is not of the kind above, or if
    the value is out of order: `step` must be greater, `wall_s` and `tokens` must not be less than in the
    closest earlier record in which the same key has no fault. Other keys are never at fault.
    """
    raise NotImplementedError("experiment_log: write log_faults in assignment1_basics/experiments.py")


def loss_curve(records: list[Record], loss: str, against: str) -> list[tuple[float, float]]:
    """The points (value of `against`, value of `loss`), in order, of the records with a measured loss.

    loss: "train_loss" or "val_loss". against: "step", "wall_s" or "tokens".
    """
    raise NotImplementedError("experiment_log: write loss_curve in assignment1_basics/experiments.py")


def has_diverged(records: list[Record]) -> bool:
    """Whether a measured loss (train_loss or val_loss, in any record) is NaN or infinite, or the last
    measured val_loss is greater than 1.5 times the smallest."""
    raise NotImplementedError("learning_rate: write has_diverged in assignment1_basics/experiments.py")


def summarise_sweep(runs: list[list[Record]]) -> list[tuple[float, float, bool]]:
    """(learning rate, final loss, has diverged) of each log, by increasing learning rate.

    The learning rate of a run is the greatest `lr` in its log, its final loss the last measured val_loss. No
    two runs have the same learning rate.
    """
    raise NotImplementedError("learning_rate: write summarise_sweep in assignment1_basics/experiments.py")


def best_learning_rate(runs: list[list[Record]]) -> float | None:
    """The learning rate with the smallest final loss of the runs that have not diverged; of equal ones the
    smallest rate. None if all have diverged."""
    raise NotImplementedError("learning_rate: write best_learning_rate in assignment1_basics/experiments.py")


def divergence_ratio(runs: list[list[Record]]) -> float | None:
    """How many times the best learning rate the first one is that is too large: the smallest learning rate
    above the best whose run has diverged, over the best. None if there is no best, or no such run."""
    raise NotImplementedError("learning_rate: write divergence_ratio in assignment1_basics/experiments.py")


def cost_to_reach(records: list[Record], target_loss: float) -> tuple[int, float, int] | None:
    """(step, wall_s, tokens) of the first record whose val_loss is at most target_loss; None if none is."""
    raise NotImplementedError("batch_size_experiment: write cost_to_reach in assignment1_basics/experiments.py")


def fastest_batch_size(runs: dict[int, list[Record]], target_loss: float) -> int | None:
    """The batch size whose run reaches target_loss in the fewest seconds; of equal ones the one that needs
    fewer tokens, then the smaller batch. None if no run reaches it. The keys of `runs` are batch sizes."""
    raise NotImplementedError("batch_size_experiment: write fastest_batch_size in assignment1_basics/experiments.py")
