"""Trains the fixed model on a file of tokens, and says how well it predicts a text that it has not seen."""

import argparse
import sys
from pathlib import Path

import numpy as np
from rich.progress import Progress

from assignment4_data.training.script import STEPS, validation_loss
from assignment4_data.training.tokens import read_tokens


def main(arguments: list[str] | None = None) -> int:
    """The command; 2 where a file cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m assignment4_data.training", description=__doc__)
    parser.add_argument("tokens", type=Path, help="what to train on: a flat file of two bytes a token")
    parser.add_argument("--validation", type=Path, required=True, help="what to measure on: a file of the same form")
    parser.add_argument("--seed", type=int, action="append", help="may be given several times (default: 0)")
    parser.add_argument("--steps", type=int, default=STEPS)
    given = parser.parse_args(arguments)
    try:
        train, validation = (read_tokens(path.read_bytes()) for path in (given.tokens, given.validation))
        for seed in given.seed or [0]:
            loss = _trained(train, validation, seed, given.steps)
            print(f"seed {seed}: validation loss {loss:.4f} nats a token")
    except (OSError, ValueError) as error:
        print(f"cannot train on {given.tokens}: {error}", file=sys.stderr)
        return 2
    return 0


def _trained(train: np.ndarray, validation: np.ndarray, seed: int, steps: int) -> float:
    with Progress(transient=True) as bar:
        task = bar.add_task(f"seed {seed}", total=steps)
        return validation_loss(train, validation, seed, steps, lambda step, _: bar.update(task, completed=step))


if __name__ == "__main__":
    sys.exit(main())
