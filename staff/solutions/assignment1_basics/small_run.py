"""A real run, small: text, tokenizer, model, samples, and a curve. Given code; everything it calls is yours.

`python -m assignment1_basics.small_run --out runs/small` takes some minutes on two CPU cores.

Text comes from corpus.py, or from `--text` and `--valid`: real files of documents that end in <|endoftext|>. In `--out`:

    train.txt valid.txt     the text, if it was generated
    tokenizer.json          the vocabulary and merges
    train.npy valid.npy     tokens
    run.json model/         the configuration, log and checkpoints of train.py
    report.json samples.txt loss.png

Losses are told in bits per byte of text, which no tokenizer can improve by cutting differently. The yardsticks are
the entropies of single bytes and of single tokens: what is had for counting alone. Called again with the same `--out`,
it goes on where it was.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from assignment1_basics.bpe import train_bpe
from assignment1_basics.checkpoint import load_checkpoint
from assignment1_basics.corpus import END, stories
from assignment1_basics.decoding import generate
from assignment1_basics.loss import cross_entropy
from assignment1_basics.optimizer import AdamW
from assignment1_basics.tokenizer import Tokenizer
from assignment1_basics.train import main as train
from assignment1_basics.training_config import TrainConfig, TrainingError, read_config
from assignment1_basics.transformer import TransformerLM

SETTINGS: dict[str, Any] = {
    "context_length": 128,
    "d_model": 128,
    "num_layers": 3,
    "num_heads": 4,
    "d_ff": 320,
    "batch_size": 16,
    "steps": 250,
    "max_lr": 0.004,
    "min_lr": 0.0004,
    "warmup_steps": 30,
    "weight_decay": 0.1,
    "beta2": 0.98,
    "eval_every": 25,
    "eval_batches": 8,
    "checkpoint_every": 100,
}
MOST_EVALUATED = 200_000
"""Tokens of the validation text that the report measures."""


def tokenizer_for(text: Path, vocab_size: int, path: Path) -> tuple[Tokenizer, dict[int, bytes]]:
    """The tokenizer trained on `text`, and its vocabulary; kept in `path`, bytes as Latin-1."""
    if not path.is_file():
        vocab, merges = train_bpe(text, vocab_size, [END])
        kept = {
            "vocab": {number: token.decode("latin-1") for number, token in vocab.items()},
            "merges": [[token.decode("latin-1") for token in pair] for pair in merges],
        }
        path.write_text(json.dumps(kept), encoding="utf-8")
    kept = json.loads(path.read_text(encoding="utf-8"))
    vocab = {int(number): token.encode("latin-1") for number, token in kept["vocab"].items()}
    merges = [(left.encode("latin-1"), right.encode("latin-1")) for left, right in kept["merges"]]
    return Tokenizer(vocab, merges, [END]), vocab


def encode_file(tokenizer: Tokenizer, text: Path, path: Path, dtype: type) -> None:
    """Write the tokens of a text file, reading it line by line."""
    if path.is_file():
        return
    with text.open(encoding="utf-8", newline="") as lines:
        ids = tokenizer.encode_iterable(lines)
        parts = list(_parts(ids, dtype))
    unfinished = path.with_suffix(".new.npy")
    np.save(unfinished, np.concatenate(parts))
    unfinished.replace(path)


def _parts(ids: Iterator[int], dtype: type) -> Iterator[npt.NDArray]:
    while len(part := np.fromiter(islice(ids, 2**20), dtype=dtype)):
        yield part


def entropy(counts: npt.NDArray) -> float:
    """Bits a symbol, for symbols that occur so often."""
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


@torch.no_grad()
def bits_per_byte(model: TransformerLM, tokens: npt.NDArray, lengths: npt.NDArray, config: TrainConfig) -> float:
    """The mean over the text's bytes, every token but the first predicted once, in windows side by side."""
    nats, size = 0.0, config.context_length
    for start in range(0, len(tokens) - 1, size):
        ids = torch.from_numpy(tokens[start : start + size + 1].astype(np.int64)).to(config.device)
        nats += float(cross_entropy(model(ids[None, :-1]), ids[None, 1:])) * (len(ids) - 1)
    return nats / math.log(2) / int(lengths[tokens[1:]].sum())


def newest_model(config: TrainConfig, folder: Path) -> TransformerLM:
    """The trained model."""
    sizes = (config.vocab_size, config.context_length, config.d_model, config.num_layers, config.num_heads, config.d_ff)
    model = TransformerLM(*sizes, config.rope_theta, device=config.device)
    newest = max(folder.glob("ckpt_*.pt"), key=lambda path: int(path.stem.split("_")[1]))
    load_checkpoint(newest, model, AdamW(model.parameters()))
    return model


def samples(model: TransformerLM, tokenizer: Tokenizer, config: TrainConfig, prompts: list[str]) -> Iterator[str]:
    """A continuation of each prompt, at temperature 0.8 and top-p 0.95."""
    (end,) = tokenizer.encode(END)
    for seed, prompt in enumerate(prompts):
        generator = torch.Generator(config.device).manual_seed(seed)
        ids = tokenizer.encode(prompt)
        new = generate(model, ids, 256, 0.8, 0.95, end, config.context_length, generator)
        yield tokenizer.decode(ids + new)


def plot(records: list[dict[str, Any]], report: dict[str, Any], path: Path) -> None:
    """The losses over the tokens seen, in bits a byte."""
    try:
        import matplotlib
    except ImportError:
        print("no curve: matplotlib is not installed (pip install -e '.[dev]')", file=sys.stderr)
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot

    scale = report["tokens_per_byte"] / math.log(2)
    figure, axes = pyplot.subplots(figsize=(7.5, 4.2), layout="constrained")
    for key, style in (("train_loss", {"lw": 0.8, "alpha": 0.6}), ("val_loss", {"marker": "o", "ms": 3.5})):
        points = [(each["tokens"] / 1e6, each[key] * scale) for each in records if each[key] is not None]
        axes.plot(*zip(*points, strict=True), label=key.replace("_", " ").replace("val", "validation"), **style)
    for key, style in (("unigram_bytes", ":"), ("unigram_tokens", "--")):
        axes.axhline(report[key], color="0.4", ls=style, lw=1, label=key.replace("_", " ") + f": {report[key]:.2f}")
    axes.set(xlabel="million tokens", ylabel="bits per byte", yscale="log")
    axes.set_yticks([0.1, 0.2, 0.5, 1, 2, 5], minor=False)
    axes.set_yticks([], minor=True)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def run(options: argparse.Namespace) -> int:
    """All stages, one after the other."""
    out, began = options.out, time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    texts = {"train": options.text, "valid": options.valid}
    if options.text is None:
        texts = {"train": out / "train.txt", "valid": out / "valid.txt"}
        for seed, (name, size) in enumerate((("train", options.characters), ("valid", options.characters // 10)), 1):
            texts[name].write_text("".join(stories(size, seed)), encoding="utf-8", newline="")
    print(f"{time.monotonic() - began:6.1f} s  text: {texts['train'].stat().st_size:,} bytes")
    tokenizer, vocab = tokenizer_for(texts["train"], options.vocab_size, out / "tokenizer.json")
    print(f"{time.monotonic() - began:6.1f} s  tokenizer: {len(vocab)} tokens")
    dtype = np.uint16 if max(vocab) < 2**16 else np.uint32
    for name, text in texts.items():
        encode_file(tokenizer, text, out / f"{name}.npy", dtype)
    tokens = {name: np.load(out / f"{name}.npy", mmap_mode="r") for name in texts}
    print(f"{time.monotonic() - began:6.1f} s  tokens: {len(tokens['train']):,}")

    settings = {**SETTINGS, **(json.loads(options.config.read_text(encoding="utf-8")) if options.config else {})}
    paths = {"train_tokens": str(out / "train.npy"), "val_tokens": str(out / "valid.npy")}
    config_path, model_path = out / "run.json", out / "model"
    config_path.write_text(json.dumps({**settings, **paths, "vocab_size": max(vocab) + 1}), encoding="utf-8")
    resume = ["--resume"] if any(model_path.glob("ckpt_*.pt")) else []
    code = train(["--config", str(config_path), "--out", str(model_path), *resume])
    if code:
        return code
    print(f"{time.monotonic() - began:6.1f} s  trained")

    config = read_config(str(config_path))
    model = newest_model(config, model_path)
    lengths = np.zeros(config.vocab_size, dtype=np.int64)
    lengths[list(vocab)] = [len(token) for token in vocab.values()]
    measured = np.asarray(tokens["valid"][:MOST_EVALUATED])
    text = b"".join(vocab[number] for number in measured.tolist())
    records = [json.loads(line) for line in (model_path / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    report: dict[str, Any] = {"tokens_per_byte": len(measured) / len(text)}
    report["unigram_bytes"] = entropy(np.bincount(np.frombuffer(text, dtype=np.uint8)))
    report["unigram_tokens"] = entropy(np.bincount(measured)) * report["tokens_per_byte"]
    report["bits_per_byte"] = bits_per_byte(model, measured, lengths, config)
    report["val_loss"] = records[-1]["val_loss"]
    report["parameters"] = sum(each.numel() for each in model.parameters())
    report["tokens_trained"] = records[-1]["tokens"]
    report["tokens_per_second"] = records[-1]["tokens"] / records[-1]["wall_s"]
    (out / "samples.txt").write_text(
        "\n\n---\n\n".join(samples(model, tokenizer, config, options.prompt)), encoding="utf-8"
    )
    report["seconds"] = time.monotonic() - began
    (out / "report.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    plot(records, report, out / "loss.png")
    print(json.dumps(report, indent=1), (out / "samples.txt").read_text(encoding="utf-8"), sep="\n")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="assignment1_basics.small_run", description="From text to samples.")
    parser.add_argument("--out", required=True, type=Path, help="folder for everything that is made")
    parser.add_argument("--text", type=Path, help="a text file to train on (without: generated stories)")
    parser.add_argument("--valid", type=Path, help="the text file to validate on; goes with --text")
    parser.add_argument("--characters", type=int, default=3_000_000, help="length of the generated text")
    parser.add_argument("--vocab-size", type=int, default=1024)
    parser.add_argument("--config", type=Path, help="a JSON file with keys of TrainConfig to change")
    parser.add_argument("--prompt", action="append", help="text to continue; may be given several times")
    options = parser.parse_args(arguments)
    if (options.text is None) != (options.valid is None):
        parser.error("--text and --valid go together")
    options.prompt = options.prompt or ["Once there was a child called", "Bilora lived", '"Where is my']
    try:
        return run(options)
    except (TrainingError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    raise SystemExit(main())
