"""Training runs of random shape: their logs, schedules and interruptions."""

import numpy
import pytest
import torch

from assignment1_basics.tests.training_runs import (
    CONFIG,
    RESUME,
    TRAIN,
    WHO,
    check_refusal,
    check_same_run,
    check_success,
    constant_tokens,
    log_of,
    logits_of,
    loss_of,
    one_run,
    random_tokens,
    rate,
    record_of,
    session,
)


@pytest.mark.parametrize("case", range(3))
def test_logs_of_random_runs(drivers, check, draw, case):
    changes = {
        "batch_size": draw.integer(1, 5),
        "context_length": draw.integer(1, 9),
        "steps": draw.integer(2, 7),
        "eval_every": draw.integer(1, 4),
        "checkpoint_every": draw.integer(1, 4),
        "max_lr": draw.number(0.001, 0.02),
        "min_lr": draw.number(0, 0.001),
        "warmup_steps": draw.integer(0, 3),
        "cosine_steps": draw.integer(3, 8),
    }
    ended, last = one_run(drivers, check, random_tokens(draw), **changes), changes["steps"]
    log = log_of(check, ended)
    check.equal([record["step"] for record in log], list(range(1, last + 1)), who=f"{WHO} as steps")
    for record in log:
        step = record["step"]
        check.equal(record["tokens"], step * changes["batch_size"] * changes["context_length"], who=f"{WHO} as tokens")
        expected = rate(step, *(changes[key] for key in ("max_lr", "min_lr", "warmup_steps", "cosine_steps")))
        check.close(record["lr"], expected, rtol=1e-6, who=f"{WHO} as lr of step {step}")
        due = step == last or step % changes["eval_every"] == 0
        check.equal(record["val_loss"] is not None, due, who=f"{WHO} as whether step {step} has a val_loss")
    due = [step for step in range(1, last + 1) if step == last or step % changes["checkpoint_every"] == 0]
    check.equal(sorted(ended["checkpoints"]), due, who=f"{WHO} as the steps of its checkpoints")


@pytest.mark.parametrize("case", range(2))
def test_runs_interrupted_anywhere_go_on(drivers, check, draw, case):
    arrays, steps = random_tokens(draw), draw.integer(3, 8)
    at = draw.integer(1, steps)
    changes = {"steps": steps, "batch_size": draw.integer(1, 5), "seed": draw.integer(0, 10**6)}
    whole = one_run(drivers, check, arrays, **changes)
    actions = [{**TRAIN, "config": {"steps": at}}, RESUME]
    _, resumed = session(drivers, check, {**CONFIG, **changes}, arrays, actions)
    check_success(check, resumed)
    check_same_run(check, resumed, whole, steps, f"a run of {steps} steps was interrupted after {at}")


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int32", "int64"])
def test_token_files_of_any_integer_dtype(drivers, check, draw, dtype):
    arrays = random_tokens(draw)
    first = one_run(drivers, check, arrays, steps=2)
    other = one_run(drivers, check, {key: array.astype(dtype) for key, array in arrays.items()}, steps=2)
    check_same_run(check, other, first, 2, f"tokens were stored as {dtype}")


def test_validation_is_on_validation_tokens(drivers, check):
    probe = torch.tensor([[2] * 6, [9] * 6])
    ended = one_run(drivers, check, constant_tokens(2, 9), probe, steps=3, max_lr=0.05, eval_every=3)
    logits = logits_of(check, ended, 3, probe)
    check.close(
        record_of(check, ended, 3)["val_loss"], loss_of(logits[1], probe[1]), rtol=1e-5, who=f"{WHO} as val_loss"
    )


def test_the_largest_token_allowed_is_no_fault(drivers, check, draw):
    arrays = random_tokens(draw)
    arrays["train"][-1] = arrays["val"][0] = CONFIG["vocab_size"] - 1
    one_run(drivers, check, arrays, steps=1)
    arrays["train"][-1] += 1
    (ended,) = session(drivers, check, CONFIG, arrays, [TRAIN])
    check_refusal(check, ended, "train.npy")


def test_data_with_a_single_window(drivers, check):
    arrays = {name: numpy.arange(7, dtype="uint16") for name in ("train", "val")}
    log = log_of(check, one_run(drivers, check, arrays, steps=2))
    check.equal(len(log), 2, who=f"{WHO} as the length of its log")


def test_a_truncated_checkpoint_is_refused_and_the_one_before_it_goes_on(drivers, check, draw):
    arrays = random_tokens(draw)
    whole = one_run(drivers, check, arrays)
    name = whole["names"].get(6, "ckpt_6.pt")
    cut = {"do": "write", "name": name, "content": b"PK\x03\x04" + bytes(500)}
    remove = {"do": "delete", "name": name}
    _, _, refused, _, resumed = session(drivers, check, CONFIG, arrays, [TRAIN, cut, RESUME, remove, RESUME])
    check_refusal(check, refused, name)
    check_success(check, resumed)
    check_same_run(check, resumed, whole, 6, "a broken checkpoint was removed and the run resumed")
