"""Assignment 5's reference on its toy tasks and on comparisons, and how fast the small policies sample and train.

`python -m benchmarks.alignment` runs the experiments with three seeds (some minutes of one core), writes `alignment.json`,
which the handout's figures are drawn from, and `alignment.md`; `python -m benchmarks.alignment countdown` runs those of one
task again and keeps the others. Times are those of the processor, since other programs disturb them less than the clock's.
Not covered: models that are worth a GPU.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch.nn import functional as F

from assignment5_alignment import models, tasks
from assignment5_alignment.sampling import Sampler, SamplingParams
from benchmarks.machine import cores, processor
from benchmarks.tree import ROOT, home

ASSIGNMENT = "assignment5_alignment"
STORED = Path(__file__).with_suffix(".json")
PAGE = Path(__file__).with_suffix(".md")
SEEDS = 3
PARTS = {"addition": ("sft", "ei", "ablations"), "countdown": ("ei", "grpo"), "comparisons": ("dpo",)}
"""The experiments of each task, by what they are called in the command."""

ROWS, PROMPT, RESPONSE, REPETITIONS = 64, 16, 12, 5


def main(arguments: list[str] | None = None) -> None:
    """Run, measure, write both files."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.alignment", description=__doc__)
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=f"some of {', '.join(PARTS)} (default: all)")
    given = parser.parse_args(arguments).tasks
    for name in given:
        if name not in PARTS:
            parser.error(f"there are no runs of {name!r}; expected some of {', '.join(PARTS)}")
    torch.set_num_threads(1)
    kept = json.loads(STORED.read_text(encoding="utf-8")) if given else {}
    measured = {name: measure(name) if name in (given or PARTS) else kept[name] for name in PARTS}
    STORED.write_text(stored(measured), encoding="utf-8")
    PAGE.write_text(page(measured, speeds()), encoding="utf-8")
    print(PAGE)


def measure(part: str) -> list[dict[str, Any]]:
    """The runs of one task, as the experiments write them, rounded."""
    runs = []
    with tempfile.TemporaryDirectory() as folder:
        place = home(ROOT, ASSIGNMENT, Path(folder))
        for what in PARTS[part]:
            command = [sys.executable, "-m", f"{ASSIGNMENT}.experiments", what, "--seeds", str(SEEDS), "--out", "runs"]
            command += ["--task", part] if part in tasks.NAMES else []
            subprocess.run(command, cwd=place, check=True)
            runs += json.loads((place / "runs" / "runs.json").read_text(encoding="utf-8"))
    for run in runs:
        run["curve"] = [round(value, 4) for value in run["curve"]]
        run["before"], run["after"] = round(run["before"], 4), round(run["after"], 4)
    return runs


def stored(measured: dict[str, list[dict[str, Any]]]) -> str:
    """The JSON of everything, one run a line."""
    parts = []
    for name, runs in measured.items():
        lines = ",\n".join(json.dumps(run) for run in runs)
        parts.append(f"{json.dumps(name)}: [\n{lines}\n]")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def speeds() -> list[tuple[str, float, float, float]]:
    """(policy, tokens sampled, tokens trained, both a second of processor time) on one thread."""
    rows = []
    for name, model, tokenizer in (
        ("policy of the toy tasks", tasks.start("addition"), tasks.tokenizer()),
        ("tiny-gpt2", models.causal_lm("tiny-gpt2"), models.tokenizer("tiny-qwen-like")),
        ("tiny-qwen2", models.causal_lm("tiny-qwen2"), models.tokenizer("tiny-qwen-like")),
    ):
        sampler = Sampler(model, tokenizer, batch_size=ROWS)
        params = SamplingParams(max_tokens=RESPONSE, min_tokens=RESPONSE, n=ROWS)
        sampled = _rate(
            lambda sampler=sampler, params=params: sampler.generate_completions(["7+5="], params), ROWS * RESPONSE
        )
        ids = torch.randint(6, 40, (ROWS, PROMPT + 1), generator=torch.Generator().manual_seed(0))
        trained = _rate(lambda model=model, ids=ids: _step(model, ids), ROWS * PROMPT)
        rows.append((name, sum(parameter.numel() for parameter in model.parameters()), sampled, trained))
    return rows


def _step(model: torch.nn.Module, ids: torch.Tensor) -> None:
    model.zero_grad()
    logits = model(input_ids=ids[:, :-1]).logits
    F.cross_entropy(logits.transpose(1, 2), ids[:, 1:]).backward()


def _rate(work: Callable[[], object], tokens: int) -> float:
    work()
    times = []
    for _ in range(REPETITIONS):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return tokens / median(times)


TITLES = {
    "addition": ("Addition", "Mean reward of eight responses to each held-out sum, before and after, for each seed."),
    "countdown": ("Countdown", "The same of three numbers and a target; any right expression earns the reward."),
    "comparisons": (
        "Comparisons",
        "The probability that implicit rewards give to the preferred of two responses, on held-out comparisons; one step an epoch.",
    ),
}


def page(measured: dict[str, list[dict[str, Any]]], rates: list[tuple[str, float, float, float]]) -> str:
    """The page, from what was measured."""
    lines = [
        "# What the loops of assignment 5 learn, and how fast",
        "",
        "Written by `python -m benchmarks.alignment`. Do not edit: run it again.",
        "",
        f"One thread of {processor()}, {cores()} cores, Python {sys.version.split()[0]}, torch {torch.__version__}. What is learned is the",
        "reference's, by `python -m assignment5_alignment.experiments` with the seeds 0, 1 and 2.",
    ]
    for part, (title, what) in TITLES.items():
        lines += ["", f"## {title}", "", what, "", *_table(measured[part])]
    lines += [
        "",
        "## Tokens a second",
        "",
        f"Of processor time, median of {REPETITIONS}. Sampling: {ROWS} completions of {RESPONSE} tokens at once, in float32, decoding included. Training: forward",
        f"and backward passes over {ROWS} rows of {PROMPT} tokens, without the optimizer.",
        "",
        "| model | parameters | sampled | trained |",
        "|---|---:|---:|---:|",
    ]
    lines += [f"| {name} | {size:,} | {sampled:,.0f} | {trained:,.0f} |" for name, size, sampled, trained in rates]
    return "\n".join(lines) + "\n"


def _table(runs: list[dict[str, Any]]) -> list[str]:
    lines = [
        "| run | steps | before | after, by seed | mean gain |",
        "|---|---:|---:|---|---:|",
    ]
    for name in dict.fromkeys(run["name"] for run in runs):
        own = [run for run in runs if run["name"] == name]
        gain = sum(run["after"] - run["before"] for run in own) / len(own)
        after = ", ".join(f"{run['after']:.2f}" for run in own)
        lines.append(f"| {name} | {len(own[0]['curve']) or '–'} | {own[0]['before']:.2f} | {after} | {gain:+.2f} |")
    return lines


if __name__ == "__main__":
    main()
