"""Training a language model from token files: `python -m assignment1_basics.train --config run.json --out runs/1`.

The command writes into the folder `--out`:

    log.jsonl      a JSON object a step, with the keys of experiments.py
    ckpt_<step>.pt what `load_checkpoint` reads; whole or not there at all

and goes on from the newest checkpoint with `--resume`. What the user did wrong ends in one line on standard error
and exit code 2.
"""

import argparse
import json
import math
import random
import re
import sys
import time
import typing
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from assignment1_basics.checkpoint import load_checkpoint, save_checkpoint
from assignment1_basics.data import get_batch
from assignment1_basics.loss import cross_entropy
from assignment1_basics.optimizer import AdamW, get_lr_cosine_schedule, gradient_clipping
from assignment1_basics.training_config import TrainConfig, TrainingError, read_config
from assignment1_basics.transformer import TransformerLM

EVALUATION = 2**32
"""Takes the place of a step in the seed of evaluation batches: every evaluation sees the same ones."""


def open_tokens(path: str, config: TrainConfig) -> npt.NDArray:
    """A memory map of a token file, every id of which has been looked at."""
    try:
        tokens = np.load(path, mmap_mode="r")
    except OSError as error:
        raise TrainingError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, EOFError) as error:
        raise TrainingError(f"{path}: not an array saved by numpy.save: {_first_line(error)}") from None
    if tokens.ndim != 1 or tokens.dtype.kind not in "ui":
        raise TrainingError(f"{path}: {tokens.dtype} with {tokens.ndim} dimensions; expected integers with one")
    if len(tokens) <= config.context_length:
        raise TrainingError(
            f"{path}: {len(tokens)} tokens; expected more than context_length = {config.context_length}"
        )
    for start in range(0, len(tokens), 2**24):
        part = tokens[start : start + 2**24]
        for token in (int(part.min()), int(part.max())):
            if not 0 <= token < config.vocab_size:
                raise TrainingError(f"{path}: has the token {token}; vocab_size is {config.vocab_size}")
    return tokens


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def checkpoints(out: Path) -> dict[int, Path]:
    """The checkpoints in a folder by their step, the newest last."""
    found = {int(match[1]): path for path in out.glob("ckpt_*.pt") if (match := re.search(r"_(\d+)\.pt$", path.name))}
    return dict(sorted(found.items()))


def seed_step(config: TrainConfig, step: int) -> None:
    """Seed every generator by run and step. So the step alone determines its batch: there is no state to save."""
    (word,) = np.random.SeedSequence((config.seed, step)).generate_state(1).tolist()
    random.seed(word)
    np.random.seed(word)
    torch.manual_seed(word)


@torch.no_grad()
def evaluate(model: TransformerLM, tokens: npt.NDArray, config: TrainConfig) -> float:
    """The mean loss of `eval_batches` batches."""
    seed_step(config, EVALUATION)
    total = 0.0
    for _ in range(config.eval_batches):
        inputs, targets = get_batch(tokens, config.batch_size, config.context_length, config.device)
        total += float(cross_entropy(model(inputs), targets))
    return total / config.eval_batches


def learning_rate(config: TrainConfig, step: int) -> float:
    """The rate of the update `step`, counted from 1: a rate of 0 would waste the first update."""
    end = config.steps if config.cosine_steps is None else config.cosine_steps
    return get_lr_cosine_schedule(step, config.max_lr, config.min_lr, config.warmup_steps, end)


def build(config: TrainConfig) -> tuple[TransformerLM, AdamW]:
    """A fresh model and its optimizer."""
    seed_step(config, 0)
    try:
        model = TransformerLM(
            config.vocab_size,
            config.context_length,
            config.d_model,
            config.num_layers,
            config.num_heads,
            config.d_ff,
            config.rope_theta,
            device=config.device,
        )
    except (ValueError, RuntimeError, AssertionError) as error:  # heads that do not divide d_model, no such device
        raise TrainingError(f"no model can be built on device {config.device!r}: {_first_line(error)}") from None
    betas = (config.beta1, config.beta2)
    return model, AdamW(model.parameters(), config.max_lr, config.weight_decay, betas, config.eps)


def kept_log(path: Path, until: int) -> list[dict[str, typing.Any]]:
    """The records of the first `until` steps. What a killed run logged after its last checkpoint is left out."""
    records = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        try:
            record = json.loads(line)
        except ValueError:
            break  # cut off when the run was killed
        if record["step"] > until:
            break
        records.append(record)
    return records


def train(config: TrainConfig, out: str, resume: bool = False) -> None:
    """Train, log and save; `resume` goes on from the newest checkpoint in `out`."""
    folder = Path(out)
    train_tokens, val_tokens = (open_tokens(path, config) for path in (config.train_tokens, config.val_tokens))
    saved = checkpoints(folder)
    if saved and not resume:
        raise TrainingError(f"{folder}: has checkpoints; say --resume to go on, or take another folder")
    if resume and not saved:
        raise TrainingError(f"{folder}: no checkpoint to resume from")
    model, optimizer = build(config)
    done = 0
    if resume:
        done, newest = list(saved.items())[-1]
        try:
            load_checkpoint(newest, model, optimizer)
        except Exception as error:  # torch.load and load_state_dict raise what they please
            raise TrainingError(f"{newest}: not a checkpoint of this model: {_first_line(error)}") from None
    folder.mkdir(parents=True, exist_ok=True)
    tell = board(config, folder)

    log_path = folder / "log.jsonl"
    records = kept_log(log_path, done)
    began = time.monotonic() - (records[-1]["wall_s"] if records else 0.0)
    with log_path.with_suffix(".new").open("w", encoding="utf-8") as log:
        log.writelines(json.dumps(record) + "\n" for record in records)
        log.flush()
        log_path.with_suffix(".new").replace(log_path)
        for step in range(done + 1, config.steps + 1):
            seed_step(config, step)
            lr = learning_rate(config, step)
            for group in optimizer.param_groups:
                group["lr"] = lr
            inputs, targets = get_batch(train_tokens, config.batch_size, config.context_length, config.device)
            loss = cross_entropy(model(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            gradient_clipping(model.parameters(), config.max_grad_norm)
            optimizer.step()

            last = step == config.steps
            measured = last or step % config.eval_every == 0
            record = {
                "step": step,
                "wall_s": time.monotonic() - began,
                "train_loss": loss.item(),
                "val_loss": evaluate(model, val_tokens, config) if measured else None,
                "lr": lr,
                "tokens": step * config.batch_size * config.context_length,
            }
            log.write(json.dumps(record) + "\n")
            log.flush()
            tell(record)
            show(record, config)
            if last or step % config.checkpoint_every == 0:
                save(model, optimizer, step, folder)


def save(model: TransformerLM, optimizer: AdamW, step: int, folder: Path) -> None:
    """Write a checkpoint. `save_checkpoint` renames a finished file, so a failure leaves no half of one."""
    path = folder / f"ckpt_{step:08d}.pt"
    try:
        save_checkpoint(model, optimizer, step, path)
    except (OSError, RuntimeError) as error:  # torch turns what a file's write raises into RuntimeError
        raise TrainingError(f"{path}: cannot be written: {_first_line(error)}") from None


def show(record: dict[str, typing.Any], config: TrainConfig) -> None:
    """A progress bar on standard error, if somebody watches."""
    if sys.stderr.isatty():
        share = record["step"] / config.steps
        bar = "█" * math.floor(30 * share)
        rate = record["tokens"] / max(record["wall_s"], 1e-9)
        end = "\n" if share == 1 else ""
        text = f"{bar:░<30} {record['step']}/{config.steps}  loss {record['train_loss']:.3f}  {rate:,.0f} tokens/s"
        print(f"\r{text}\x1b[K", end=end, file=sys.stderr, flush=True)


def board(config: TrainConfig, folder: Path) -> Callable[[dict[str, typing.Any]], None]:
    """A function that passes records on to TensorBoard, or to nobody."""
    if not config.tensorboard:
        return lambda record: None
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise TrainingError("tensorboard: not installed; pip install tensorboard, or set it to false") from None
    writer = SummaryWriter(str(folder / "tensorboard"))

    def tell(record: dict[str, typing.Any]) -> None:
        for key in ("train_loss", "val_loss", "lr"):
            if record[key] is not None:
                writer.add_scalar(key, record[key], record["step"], walltime=record["wall_s"])

    return tell


def main(arguments: list[str] | None = None) -> int:
    """The command line; its exit code."""
    parser = argparse.ArgumentParser(prog="assignment1_basics.train", description="Train a language model.")
    parser.add_argument("--config", required=True, help="a JSON file with the keys of TrainConfig")
    parser.add_argument("--out", required=True, help="the folder for log.jsonl and ckpt_<step>.pt")
    parser.add_argument("--resume", action="store_true", help="go on from the newest checkpoint in --out")
    options = parser.parse_args(arguments)
    try:
        train(read_config(options.config), options.out, options.resume)
    except (TrainingError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; --resume goes on from the newest checkpoint", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
