"""Runs your loops with some seeds, on a toy task or, for DPO, on comparisons, and writes runs.json and runs.svg."""

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from rich.progress import Progress

from assignment5_alignment import tasks
from assignment5_alignment.experiments import runs
from assignment5_alignment.experiments.curves import drawing

WHAT: dict[str, list[Callable[[tasks.Name, int], runs.Run]]] = {
    "sft": [runs.sft],
    "ei": [runs.expert_iteration],
    "grpo": [runs.grpo],
    "ablations": [partial(runs.grpo, ablation=name) for name in runs.ABLATIONS],
    "dpo": [lambda task, seed: runs.dpo(seed)],
}


def main(arguments: list[str] | None = None) -> int:
    """The command; 2 where the folder cannot be written, or a loop is not written yet."""
    parser = argparse.ArgumentParser(prog="python -m assignment5_alignment.experiments", description=__doc__)
    parser.add_argument("what", choices=[*WHAT, "all"], help="which runs; all: every one of the others")
    parser.add_argument("--task", choices=tasks.NAMES, default="addition", help="for all but dpo (default: addition)")
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds, from 0 on (default: 3)")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write to")
    given = parser.parse_args(arguments)
    if given.seeds < 1:
        parser.error(f"--seeds is {given.seeds}; expected at least 1")
    torch.set_num_threads(1)
    # The ablations have GRPO as it is among them.
    names = [name for name in WHAT if name != "grpo"] if given.what == "all" else [given.what]
    jobs = [(run, seed) for name in names for run in WHAT[name] for seed in range(given.seeds)]
    done = []
    try:
        given.out.mkdir(parents=True, exist_ok=True)
        with Progress(transient=True) as bar:
            for run, seed in bar.track(jobs, description="runs"):
                done.append(run(given.task, seed))
                bar.console.print(f"{done[-1].name}, seed {seed}: {done[-1].before:.2f} to {done[-1].after:.2f}")
        content = json.dumps([run.as_dict() for run in done], indent=1)
        (given.out / "runs.json").write_text(content + "\n", encoding="utf-8")
        (given.out / "runs.svg").write_text(drawing(done), encoding="utf-8")
    except NotImplementedError as error:
        print(f"not yet: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"cannot write to {given.out}: {error}", file=sys.stderr)
        return 2
    print(f"{given.out / 'runs.json'}, {given.out / 'runs.svg'}: {len(done)} runs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
