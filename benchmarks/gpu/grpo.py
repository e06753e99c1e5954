"""`python -m benchmarks.gpu.grpo`: how fast assignment 5's GRPO loop samples and trains on a GPU, as a Markdown table.

The loop and everything in it is the reference's, the sampler the course's own; the model has Qwen2's shape, more than 100 million
parameters unless told otherwise, and weights of our own. `--cpu` runs a tiny one on the processor, to try the command: its
speeds mean nothing.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch

from benchmarks import tree

ASSIGNMENT = "assignment5_alignment"
SIZES = {"layers": 12, "width": 1024, "prompts": 16, "group": 8, "tokens": 256, "steps": 4}
TINY = {"layers": 1, "width": 64, "prompts": 2, "group": 4, "tokens": 8, "steps": 2}
MEANINGS = {
    "layers": "of the model",
    "width": "of the model, a multiple of 64",
    "prompts": "in a step",
    "group": "completions of each prompt",
    "tokens": "of each completion",
    "steps": "of the loop; the first warms up and is not counted",
}


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 if the loop fails, 2 without a GPU."""
    options = _options(arguments)
    if not options.cpu and not torch.cuda.is_available():
        print(
            "python -m benchmarks.gpu.grpo needs a GPU that this PyTorch can use, and there is none here; --cpu tries the command",
            file=sys.stderr,
        )
        return 2
    case = {name: getattr(options, name) or size for name, size in (TINY if options.cpu else SIZES).items()}
    case["device"] = "cpu" if options.cpu else "cuda"
    with tempfile.TemporaryDirectory(prefix="benchmarks-gpu-") as folder:
        tree.home(tree.ROOT, ASSIGNMENT, Path(folder))
        running = [sys.executable, "-m", "benchmarks.gpu.grpo_run", json.dumps(case)]
        environment = {**os.environ, "PYTHONPATH": str(tree.ROOT)}
        ended = subprocess.run(running, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode:
        print(ended.stderr[-4000:], file=sys.stderr)
        return 1
    text = page(json.loads(ended.stdout.splitlines()[-1]))
    print(text)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    return 0


def page(found: dict[str, Any]) -> str:
    """What was measured. Trained tokens are those that went forward and backward, prompts and padding among them."""
    case = found["case"]
    return "\n".join(
        [
            f"The GRPO loop of assignment 5, {case['prompts']} prompts a step and {case['group']} completions of {case['tokens']} tokens to each, in",
            f"{found['dtype']} on {found['device']}, torch {found['torch']}; {case['steps'] - 1} steps after one that warmed up.",
            "",
            "| parameters | sampled, tokens | tokens/s | trained, tokens | tokens/s | peak memory, GiB |",
            "|---:|---:|---:|---:|---:|---:|",
            f"| {found['parameters']:,} | {found['sampled']:,} | {found['sampled'] / found['sampling']:,.0f} | {found['trained']:,} | "
            f"{found['trained'] / found['training']:,.0f} | {_memory(found['peak_memory'])} |",
            "",
        ]
    )


def _memory(octets: int | None) -> str:
    return "–" if octets is None else f"{octets / 2**30:.1f}"


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gpu.grpo", description="Assignment 5's GRPO loop on a GPU."
    )
    for name, meaning in MEANINGS.items():
        parser.add_argument(
            f"--{name}",
            type=_at_least(2 if name in ("steps", "group") else 1),
            help=f"{meaning} (default: {SIZES[name]})",
        )
    parser.add_argument("--cpu", action="store_true", help="a tiny model on the processor, to try the command")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the table there, too")
    options = parser.parse_args(arguments)
    if options.width and options.width % 64:
        parser.error(f"argument --width: {options.width} is not a multiple of 64, the size of a head")
    return options


def _at_least(least: int) -> Any:
    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text} is too little or no number; expected {least} or more")
        return int(text)

    return number


if __name__ == "__main__":
    sys.exit(main())
