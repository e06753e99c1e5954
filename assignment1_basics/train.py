"""Training a language model from token files: `python -m assignment1_basics.train --config run.json --out runs/1`.

The command writes into the folder `--out`:

    log.jsonl      a JSON object a step, with the keys of experiments.py
    ckpt_<step>.pt what `load_checkpoint` reads; whole or not there at all

and goes on from the newest checkpoint with `--resume`. What the user did wrong ends in one line on standard error
and exit code 2.
"""

from assignment1_basics.training_config import TrainConfig


def train(config: TrainConfig, out: str, resume: bool = False) -> None:
    """Train the model of `config`, and write log and checkpoints to the folder `out`, made if it is not there.

    resume: go on from the newest checkpoint in `out`. The steps that follow are bit for bit those of a run that
    was never interrupted.

    Raises:
        TrainingError: see the table in the handout. No checkpoint that was there before is lost.
    """
    raise NotImplementedError("training_together: write train in assignment1_basics/train.py")


def main(arguments: list[str] | None = None) -> int:
    """The command line; its exit code.

    0: done. 2: a TrainingError, printed as one line on standard error, without a traceback.
    """
    raise NotImplementedError("training_together: write main in assignment1_basics/train.py")


if __name__ == "__main__":
    raise SystemExit(main())
