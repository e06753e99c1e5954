"""An entry for the leaderboard: a policy's parameters, after training by your GRPO loop. Given code; what it calls is yours.

`python -m assignment5_alignment.leaderboard --out run --name "a pseudonym"` starts from `tasks.start("digits")`, trains by
`run_grpo_loop` and writes into `run`:

    model.safetensors   the parameters: data alone, nothing that could run
    log.jsonl           its last line has "samples", how many responses were rewarded, and "wall_s", the seconds it took
    submission.json     who, and the mean reward that was measured here

`grader leaderboard submit assignment5_alignment run` packs it with your code. Whoever verifies it puts the parameters into
the course's own model and asks it problems that the task does not show; how you find the parameters is up to you.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from assignment5_alignment import adapters, tasks
from assignment5_alignment.experiments import GRPOConfig
from assignment5_alignment.experiments.runs import SAMPLING, measured
from assignment5_alignment.sampling import Completion, Sampler, SamplingParams


class CountingSampler(Sampler):
    """A sampler that knows how many responses it gave; each of them is rewarded."""

    samples = 0

    def generate_completions(self, prompts: list[str], params: SamplingParams) -> list[Completion]:
        """As any sampler does."""
        completions = super().generate_completions(prompts, params)
        self.samples += len(completions)
        return completions


def start(options: argparse.Namespace) -> torch.nn.Module:
    """The policy that learning begins from: the task's own, or parameters in a file, on the device.

    Raises:
        ValueError: the file holds no policy of the toy tasks, or there is no such device.
    """
    if options.device == "cuda" and not torch.cuda.is_available():
        raise ValueError("PyTorch finds no GPU on this machine; expected one for --device cuda")
    if options.start is None:
        return tasks.start("digits").to(options.device)
    try:
        weights = {name: tensor.float() for name, tensor in load_file(options.start).items()}
        return tasks.policy_of(weights).to(options.device)
    except (KeyError, IndexError, RuntimeError, SafetensorError) as error:
        raise ValueError(
            f"{options.start} holds no policy of the toy tasks ({str(error).splitlines()[0][:100]}); "
            "expected what tasks.weights_of gives"
        ) from None


def train(options: argparse.Namespace) -> tuple[torch.nn.Module, dict[str, float]]:
    """The policy after training, and the last line of the log."""
    task, policy, tokenizer = tasks.task("digits"), start(options), tasks.tokenizer()
    optimizer = torch.optim.AdamW(policy.parameters(), lr=options.rate, betas=(0.9, 0.95), weight_decay=0.0)
    sampler = CountingSampler(policy, tokenizer, batch_size=512)
    config = GRPOConfig(options.steps, options.prompts, options.group, SAMPLING, options.prompts * options.group)
    began = time.monotonic()
    history = adapters.run_grpo_loop(policy, tokenizer, optimizer, sampler, task, config, options.seed)
    with (options.out / "log.jsonl").open("w", encoding="utf-8") as log:
        for step, entry in enumerate(history, 1):
            log.write(json.dumps({"step": step, **entry}) + "\n")
        last = {"samples": sampler.samples, "wall_s": round(time.monotonic() - began, 1)}
        log.write(json.dumps(last) + "\n")
    return policy, last


def main(arguments: list[str] | None = None) -> int:
    """The command line; 2 where the loop is not written yet, or the folder cannot be."""
    parser = argparse.ArgumentParser(prog="assignment5_alignment.leaderboard", description="Train an entry.")
    parser.add_argument("--out", required=True, type=Path, help="folder for the entry")
    parser.add_argument("--name", required=True, help="the pseudonym that the leaderboard shows")
    parser.add_argument("--track", default="held_out_reward_cpu")
    parser.add_argument("--steps", type=int, default=32, help="of the loop; steps × prompts × group are the samples")
    parser.add_argument("--prompts", type=int, default=16, help="in a step")
    parser.add_argument("--group", type=int, default=8, help="responses to a prompt")
    parser.add_argument("--rate", type=float, default=5e-4, help="the learning rate")
    parser.add_argument("--start", type=Path, help="safetensors to begin from; default: the task's start")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="where the policy is trained")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        policy, last = train(options)
        reward = measured(policy, tasks.task("digits"))
        save_file(
            {name: tensor.cpu().contiguous() for name, tensor in tasks.weights_of(policy).items()},
            options.out / "model.safetensors",
        )
        told = {
            "assignment": "assignment5_alignment",
            "track": options.track,
            "name": options.name,
            "claim": round(reward, 4),
        }
        (options.out / "submission.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
    except (NotImplementedError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(
        f"mean reward {reward:.3f} on held-out problems after {last['samples']:.0f} samples; "
        f"next: grader leaderboard submit assignment5_alignment {options.out}"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
