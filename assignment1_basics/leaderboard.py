"""An entry for the leaderboard: a trained model, and what it takes to ask it. Given code; everything it calls is yours.

`python -m assignment1_basics.leaderboard --out run --name "a pseudonym"` trains by train.py and writes into `run`:

    model.safetensors   the parameters: data alone, nothing that could run
    config.json         the sizes of the model
    tokenizer.json      the vocabulary and merges
    log.jsonl           the log of train.py; its last `wall_s` is how long the training took
    submission.json     who, and the bits per byte that were measured here

`grader leaderboard submit assignment1_basics run` packs it with your code. Whoever verifies it calls `load`, and of what
that returns `vocabulary`, `context_length`, `encode` and `logits`, on text that nobody has seen; how you make them, and
what else you change here, is up to you.
"""

import argparse
import dataclasses
import json
import math
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from safetensors.torch import load_file, save_file
from torch import Tensor

from assignment1_basics.corpus import END, stories
from assignment1_basics.loss import cross_entropy
from assignment1_basics.small_run import SETTINGS, encode_file, newest_model, tokenizer_for
from assignment1_basics.tokenizer import Tokenizer
from assignment1_basics.train import main as train
from assignment1_basics.training_config import TrainConfig, TrainingError, read_config
from assignment1_basics.transformer import TransformerLM

MODEL = ("vocab_size", "context_length", "d_model", "num_layers", "num_heads", "d_ff", "rope_theta")
HELD_OUT = 40_000
"""Characters that are measured here, before somebody else measures others."""
WORK = "training"
"""Where texts, tokens and checkpoints lie in the run; they are not sent."""


class Entry:
    """A trained model with its tokenizer."""

    def __init__(self, run: Path) -> None:
        config = json.loads((run / "config.json").read_text(encoding="utf-8"))
        kept = json.loads((run / "tokenizer.json").read_text(encoding="utf-8"))
        vocab = {int(number): token.encode("latin-1") for number, token in kept["vocab"].items()}
        merges = [(left.encode("latin-1"), right.encode("latin-1")) for left, right in kept["merges"]]
        self._tokenizer = Tokenizer(vocab, merges, [END])
        self._model = TransformerLM(**config)
        self._model.load_state_dict(load_file(run / "model.safetensors"))
        self.vocabulary = [vocab[number] for number in range(config["vocab_size"])]
        self.context_length: int = config["context_length"]

    def encode(self, text: str) -> list[int]:
        """Token ids whose bytes, one after another, are the text's."""
        return self._tokenizer.encode(text)

    @torch.no_grad()
    def logits(self, tokens: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time vocabulary"]:
        """For each place, the logits of the token after it. At most `context_length` tokens come in a row."""
        return self._model(tokens)


def load(run: Path) -> Entry:
    """The entry in a folder that `main` wrote."""
    return Entry(run)


def bits_per_byte(entry: Entry, text: str) -> float:
    """The measure of the leaderboard: the first token of a window is charged as if all were alike."""
    tokens, size = torch.tensor(entry.encode(text)), entry.context_length
    bits = 0.0
    for window in tokens.split(size):
        bits += math.log2(len(entry.vocabulary))
        if len(window) > 1:
            loss = cross_entropy(entry.logits(window[None])[0, :-1], window[1:])
            bits += loss.item() * (len(window) - 1) / math.log(2)
    return bits / len(text.encode())


def trained(options: argparse.Namespace) -> TrainConfig | None:
    """Text, tokens and training, each done once; the configuration, or None where train.py said what is wrong."""
    work = options.out / WORK
    work.mkdir(parents=True, exist_ok=True)
    for seed, (name, size) in enumerate((("train", options.characters), ("valid", HELD_OUT)), options.seed):
        (work / f"{name}.txt").write_text("".join(stories(size, seed)), encoding="utf-8", newline="")
    tokenizer, vocab = tokenizer_for(work / "train.txt", options.vocab_size, options.out / "tokenizer.json")
    for name in ("train", "valid"):
        encode_file(tokenizer, work / f"{name}.txt", work / f"{name}.npy", np.uint16)
    paths = {"train_tokens": str(work / "train.npy"), "val_tokens": str(work / "valid.npy")}
    chosen = {key: json.loads(value) for key, _, value in (each.partition("=") for each in options.set)}
    settings: dict[str, Any] = {**SETTINGS, "steps": options.steps, **chosen, **paths, "vocab_size": max(vocab) + 1}
    (work / "run.json").write_text(json.dumps(settings), encoding="utf-8")
    resume = ["--resume"] if any(work.glob("model/ckpt_*.pt")) else []
    if train(["--config", str(work / "run.json"), "--out", str(work / "model"), *resume]):
        return None
    return read_config(str(work / "run.json"))


def export(config: TrainConfig, options: argparse.Namespace) -> float:
    """Write what is sent, and measure it; the bits per byte."""
    out, work = options.out, options.out / WORK
    model = newest_model(config, work / "model")
    save_file({key: value.cpu().contiguous() for key, value in model.state_dict().items()}, out / "model.safetensors")
    sizes = {key: value for key, value in dataclasses.asdict(config).items() if key in MODEL}
    (out / "config.json").write_text(json.dumps(sizes), encoding="utf-8")
    shutil.copyfile(work / "model" / "log.jsonl", out / "log.jsonl")
    measured = bits_per_byte(load(out), (work / "valid.txt").read_text(encoding="utf-8"))
    told = {
        "assignment": "assignment1_basics",
        "track": options.track,
        "name": options.name,
        "claim": round(measured, 4),
    }
    (out / "submission.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
    return measured


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="assignment1_basics.leaderboard", description="Train an entry.")
    parser.add_argument("--out", required=True, type=Path, help="folder for the entry; again, to go on where it was")
    parser.add_argument("--name", required=True, help="the pseudonym that the leaderboard shows")
    parser.add_argument("--track", default="bits_per_byte_cpu")
    parser.add_argument("--steps", type=int, default=400, help="of training; as many as the track's budget allows you")
    parser.add_argument("--characters", type=int, default=3_000_000, help="length of the generated text")
    parser.add_argument("--vocab-size", type=int, default=1024)
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="a key of TrainConfig, its value as JSON"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the text; the training's is a key of TrainConfig")
    options = parser.parse_args(arguments)
    try:
        config = trained(options)
        if config is None:
            return 2
        measured = export(config, options)
    except (TrainingError, OSError, json.JSONDecodeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{measured:.4f} bits per byte; next: grader leaderboard submit assignment1_basics {options.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
