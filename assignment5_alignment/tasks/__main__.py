"""Trains the policies that the toy tasks start from, and writes them as half-precision safetensors."""

import argparse
import sys
from pathlib import Path

import torch
from rich.progress import Progress
from safetensors.torch import save_file

from assignment5_alignment.tasks.policy import weights_of
from assignment5_alignment.tasks.problems import NAMES
from assignment5_alignment.tasks.warm_start import STEPS, warm_start

SEED = 336


def main(arguments: list[str] | None = None) -> int:
    """The command; 2 where the folder cannot be written."""
    parser = argparse.ArgumentParser(prog="python -m assignment5_alignment.tasks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="TASK", help=f"one or more of {', '.join(NAMES)} (default: all)")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write to")
    given = parser.parse_args(arguments)
    for name in given.names:
        if name not in NAMES:
            parser.error(f"no task is called {name!r}; expected some of {', '.join(NAMES)}")
    torch.set_num_threads(1)
    try:
        given.out.mkdir(parents=True, exist_ok=True)
        for name in given.names or NAMES:
            with Progress(transient=True) as bar:
                line = bar.add_task(name, total=STEPS[name])
                policy = warm_start(name, SEED, lambda step, line=line, bar=bar: bar.update(line, completed=step))
            halves = {key: tensor.half().contiguous() for key, tensor in weights_of(policy).items()}
            save_file(halves, given.out / f"{name}.safetensors")
            print(f"{given.out / name}.safetensors: {sum(tensor.numel() for tensor in halves.values())} parameters")
    except OSError as error:
        print(f"cannot write to {given.out}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
