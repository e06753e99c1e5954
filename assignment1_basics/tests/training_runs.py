"""Small training runs, and the questions that tests ask about what they left behind."""

import math
from typing import Any

import numpy
import torch

WHO = "run_training"
VOCABULARY = 11
CONFIG: dict[str, Any] = {
    "train_tokens": "train.npy",
    "val_tokens": "val.npy",
    "vocab_size": VOCABULARY,
    "context_length": 6,
    "d_model": 16,
    "num_layers": 1,
    "num_heads": 2,
    "d_ff": 24,
    "batch_size": 3,
    "steps": 6,
    "max_lr": 0.01,
    "cosine_steps": 8,
    "eval_batches": 2,
    "checkpoint_every": 3,
}
KEYS = {"step": (int,), "wall_s": (int, float), "train_loss": (int, float), "lr": (int, float), "tokens": (int,)}
TRAIN: dict[str, Any] = {"do": "train"}
RESUME: dict[str, Any] = {"do": "train", "resume": True}


def random_tokens(draw: Any, count: int = 400) -> dict[str, Any]:
    return {name: draw.integers(0, VOCABULARY, count).numpy().astype("uint16") for name in ("train", "val")}


def constant_tokens(train: int, val: int) -> dict[str, Any]:
    """All windows are the same, so that every loss is known whichever windows are drawn."""
    return {"train": numpy.full(40, train, dtype="uint16"), "val": numpy.full(30, val, dtype="uint16")}


def session(
    drivers: Any, check: Any, config: dict[str, Any], arrays: dict[str, Any], actions: list[Any], probe: Any = None
) -> list[Any]:
    """What is there after each of `actions` (see drivers.training_session)."""
    found = drivers.training_session(config, arrays, actions, probe)
    sound = len(found) == len(actions) and all(
        all(isinstance(ended[key], str) for key in ("stderr", "stdout", "log"))
        and all(isinstance(ended[key], dict) for key in ("checkpoints", "names", "sizes"))
        for ended in found
    )
    check.that(sound, "the driver of the training runs was tampered with")
    return found


def one_run(drivers: Any, check: Any, arrays: dict[str, Any], probe: Any = None, **changes: Any) -> Any:
    """What a run that must succeed leaves behind."""
    (ended,) = session(drivers, check, {**CONFIG, **changes}, arrays, [TRAIN], probe)
    check_success(check, ended)
    return ended


def weights(drivers: Any, check: Any, arrays: dict[str, Any], step: int, **changes: Any) -> list[torch.Tensor]:
    """The parameters at the end of a run."""
    found = checkpoint(check, one_run(drivers, check, arrays, steps=step, **changes), step)["parameters"]
    return list(found)


def shapes(tensors: list[torch.Tensor]) -> list[tuple[int, ...]]:
    return [tuple(tensor.shape) for tensor in tensors]


def check_success(check: Any, ended: Any) -> None:
    check.that(
        ended["code"] == 0,
        f"{WHO} ended with {ended['code']!r}; expected 0. Its standard error: {str(ended['stderr'])[-300:]!r}",
    )


def log_of(check: Any, ended: Any) -> list[dict[str, Any]]:
    """The records of a log with the right keys. One replaces those of its own step and of later ones."""
    records: list[dict[str, Any]] = []
    check.short(ended["log"], who="log.jsonl")
    lines = ended["log"].split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        record = check.json(line, who=f"line {number} of log.jsonl")
        check.that(isinstance(record, dict), f"line {number} of log.jsonl is no JSON object")
        for key, kinds in KEYS.items():
            value = record.get(key)
            good = isinstance(value, kinds) and not isinstance(value, bool)
            check.that(good, f"line {number} of log.jsonl: {key} is {value!r}; expected {kinds[-1].__name__}")
        check.that(
            "val_loss" in record and isinstance(record["val_loss"], int | float | None),
            f"line {number} of log.jsonl: expected val_loss to be a number or null",
        )
        records = [each for each in records if each["step"] < record["step"]] + [record]
    check.that(bool(records), f"{WHO} left no records in log.jsonl; expected one a step")
    return records


def record_of(check: Any, ended: Any, step: int) -> dict[str, Any]:
    """The record of one step."""
    found = {record["step"]: record for record in log_of(check, ended)}
    check.that(step in found, f"{WHO} did not log step {step}; expected a record a step")
    return found[step]


def checkpoint(check: Any, ended: Any, step: int) -> Any:
    """What load_checkpoint makes of the checkpoint of `step`."""
    check.that(
        step in ended["checkpoints"],
        f"{WHO} left the checkpoints of steps {sorted(ended['checkpoints'])}; expected one of step {step}",
    )
    found = ended["checkpoints"][step]
    check.that(found is not None, f"load_checkpoint raises for the checkpoint of step {step}; expected it to load")
    check.equal(found["iteration"], step, who=f"load_checkpoint of the checkpoint of step {step}")
    parameters = found["parameters"]
    check.that(
        isinstance(parameters, list) and all(isinstance(each, torch.Tensor) for each in parameters),
        f"the checkpoint of step {step} gives a model whose parameters are no tensors",
    )
    return found


def logits_of(check: Any, ended: Any, step: int, probe: torch.Tensor) -> torch.Tensor:
    """The logits for `probe` of the model in the checkpoint of `step`."""
    logits = checkpoint(check, ended, step)["logits"]
    right = isinstance(logits, torch.Tensor) and tuple(logits.shape) == (*probe.shape, VOCABULARY)
    check.that(
        right, f"the model of {WHO} gives {type(logits).__name__} as logits; expected [batch, length, vocabulary]"
    )
    return logits


def check_same_run(check: Any, ended: Any, other: Any, step: int, what: str) -> None:
    """The same weights at `step`, and the same losses up to there, bit for bit."""
    mine, yours = (checkpoint(check, each, step)["parameters"] for each in (ended, other))
    check.that(
        len(mine) == len(yours) and all(map(torch.equal, mine, yours)),
        f"{WHO}: {what}, and the weights after step {step} differ; expected the same ones, bit for bit",
    )
    first, second = ([(r["step"], r["train_loss"]) for r in log_of(check, each)] for each in (ended, other))
    check.that(
        first[:step] == second[:step],
        f"{WHO}: {what}, and the logs differ in step or train_loss; expected the same",
    )


def check_refusal(check: Any, ended: Any, *names: str) -> None:
    """Exit code 2, and one line that contains one of `names`."""
    check.that(ended["code"] == 2, f"{WHO} ended with {ended['code']!r}; expected 2")
    lines = [line for line in ended["stderr"].splitlines() if line.strip()]
    check.that(len(lines) == 1, f"{WHO} wrote {len(lines)} lines on standard error; expected one")
    check.that(
        "Traceback" not in lines[0] and any(name in lines[0] for name in names),
        f"{WHO} says {lines[0][:200]!r}; expected a line that names {' or '.join(names)}",
    )


def rate(step: int, most: float, least: float, warmup: int, end: int) -> float:
    """The learning rate of update `step`."""
    if step < warmup:
        return most * step / warmup
    if step >= end:
        return least
    return least + (most - least) * (1 + math.cos(math.pi * (step - warmup) / (end - warmup))) / 2


def loss_of(logits: torch.Tensor, targets: torch.Tensor) -> float:
    return float(torch.nn.functional.cross_entropy(logits.double().flatten(0, -2), targets.flatten()))
