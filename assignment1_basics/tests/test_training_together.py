"""The training command: what it writes, that it learns, that it resumes bit for bit, and what it refuses."""

import json

import numpy
import pytest
import torch

from assignment1_basics.tests.training_runs import (
    CONFIG,
    RESUME,
    TRAIN,
    VOCABULARY,
    WHO,
    check_refusal,
    check_same_run,
    check_success,
    checkpoint,
    constant_tokens,
    log_of,
    logits_of,
    loss_of,
    one_run,
    random_tokens,
    rate,
    record_of,
    session,
    shapes,
    weights,
)

# What a run writes


def test_every_step_is_logged(drivers, check, draw):
    log = log_of(check, one_run(drivers, check, random_tokens(draw), steps=5))
    check.equal([record["step"] for record in log], [1, 2, 3, 4, 5], who=f"{WHO} as the steps in its log")
    check.equal([record["tokens"] for record in log], [18 * step for step in range(1, 6)], who=f"{WHO} as tokens")
    times = [record["wall_s"] for record in log]
    check.that(times == sorted(times) and times[0] >= 0, f"{WHO}: wall_s goes back; expected seconds since the start")


def test_checkpoints_come_at_their_interval_and_at_the_end(drivers, check, draw):
    ended = one_run(drivers, check, random_tokens(draw), steps=5, checkpoint_every=2)
    check.equal(sorted(ended["checkpoints"]), [2, 4, 5], who=f"{WHO} as the steps of its checkpoints")
    for step in (2, 4, 5):
        checkpoint(check, ended, step)


def test_the_validation_loss_is_measured_at_its_interval_and_at_the_end(drivers, check, draw):
    log = log_of(check, one_run(drivers, check, random_tokens(draw), steps=5, eval_every=2))
    measured = [record["step"] for record in log if record["val_loss"] is not None]
    check.equal(measured, [2, 4, 5], who=f"{WHO} as the steps with a val_loss")


def test_losses_are_those_of_the_model(drivers, check):
    """With a learning rate of 0 the model stays as it was, and with constant tokens all batches are alike."""
    arrays, probe = constant_tokens(7, 3), torch.tensor([[7] * 6, [3] * 6])
    ended = one_run(drivers, check, arrays, probe, max_lr=0.0, steps=2, eval_every=1)
    logits, log = logits_of(check, ended, 2, probe), log_of(check, ended)
    for number, key in enumerate(("train_loss", "val_loss")):
        expected = loss_of(logits[number], probe[number])
        for record in log:
            check.close(record[key], expected, rtol=1e-5, who=f"{WHO}, in the log, as {key}")


def test_the_validation_loss_is_that_after_the_update(drivers, check):
    arrays, probe = constant_tokens(7, 3), torch.tensor([[3] * 6])
    ended = one_run(drivers, check, arrays, probe, max_lr=0.05, steps=2, eval_every=1)
    logits = logits_of(check, ended, 2, probe)
    check.close(record_of(check, ended, 2)["val_loss"], loss_of(logits, probe), rtol=1e-5, who=f"{WHO} as val_loss")


def test_the_training_loss_is_that_before_the_update(drivers, check):
    arrays, probe = constant_tokens(7, 3), torch.tensor([[7] * 6])
    ended = one_run(drivers, check, arrays, probe, max_lr=0.05, steps=3, checkpoint_every=2)
    logits = logits_of(check, ended, 2, probe)
    # What has been learned by heart has a loss near 0, the difference of two larger numbers in float32.
    check.close(record_of(check, ended, 3)["train_loss"], loss_of(logits, probe), rtol=1e-3, who=f"{WHO} as train_loss")


@pytest.mark.parametrize(("warmup", "cosine"), [(0, None), (3, 6), (2, 4)])
def test_the_learning_rate_follows_the_schedule(drivers, check, draw, warmup, cosine):
    changes = {"steps": 7, "max_lr": 0.02, "min_lr": 0.003, "warmup_steps": warmup, "cosine_steps": cosine}
    log = log_of(check, one_run(drivers, check, random_tokens(draw), **changes))
    expected = [rate(step, 0.02, 0.003, warmup, cosine or 7) for step in range(1, 8)]
    check.equal(len(log), 7, who=f"{WHO} as the length of its log")
    for record, value in zip(log, expected, strict=True):
        check.close(record["lr"], value, rtol=1e-6, who=f"{WHO} as lr of step {record['step']}")


# The update


def test_weights_decay_by_the_learning_rate_of_each_step(drivers, check, draw):
    """With a huge eps AdamW only decays: each weight is its first value times the product of 1 - lr decay."""
    arrays, still = random_tokens(draw), {"eps": 1e9, "weight_decay": 5.0}
    start = weights(drivers, check, arrays, 5, **still, max_lr=0.0)
    changes = {**still, "max_lr": 0.1, "min_lr": 0.02, "warmup_steps": 2, "cosine_steps": 4}
    found = weights(drivers, check, arrays, 5, **changes)
    factor = 1.0
    for step in range(1, 6):
        factor *= 1 - 5.0 * rate(step, 0.1, 0.02, 2, 4)
    check.equal(shapes(found), shapes(start), who=f"{WHO} as the shapes of its parameters")
    for value, first in zip(found, start, strict=True):
        check.close(
            value, (factor * first.double()), rtol=1e-5, dtype=torch.float32, constant=True,
            who=f"{WHO}: a parameter", hint="the optimizer takes the scheduled rate and decays every parameter",
        )  # fmt: skip


def test_gradients_are_clipped(drivers, check, draw):
    arrays, common = random_tokens(draw), {"eps": 1.0, "weight_decay": 0.0}
    start = weights(drivers, check, arrays, 3, **common, max_lr=0.0)
    clipped = weights(drivers, check, arrays, 3, **common, max_lr=0.1, max_grad_norm=1e-9)
    free = weights(drivers, check, arrays, 3, **common, max_lr=0.1, max_grad_norm=1e9)
    for found in (clipped, free):
        check.equal(shapes(found), shapes(start), who=f"{WHO} as the shapes of its parameters")
    for value, first in zip(clipped, start, strict=True):
        check.close(value, first, rtol=1e-6, constant=True, who=f"{WHO}(max_grad_norm=1e-9): a parameter")
    moved = max(float((value - first).abs().max()) for value, first in zip(free, start, strict=True))
    check.that(moved > 1e-4, f"{WHO}(max_grad_norm=1e9) changed no parameter; expected the gradients to act")


@pytest.mark.parametrize("key", ["beta1", "beta2", "eps", "weight_decay", "max_grad_norm", "rope_theta", "seed"])
def test_every_number_in_the_configuration_acts(drivers, check, draw, key):
    arrays = random_tokens(draw)
    value = {"eps": 0.1, "rope_theta": 3.0, "seed": 1, "weight_decay": 0.9, "max_grad_norm": 0.05}.get(key, 0.3)
    common = {"max_grad_norm": 0.5, "eps": 1e-3}
    first = weights(drivers, check, arrays, 3, **common)
    other = weights(drivers, check, arrays, 3, **{**common, key: value})
    check.that(
        not all(map(torch.equal, first, other)),
        f"{WHO} leaves the same weights with another {key}; expected it to matter",
    )


def test_every_step_draws_its_own_batch(drivers, check, draw):
    log = log_of(check, one_run(drivers, check, random_tokens(draw), max_lr=0.0, steps=4))
    different = len({record["train_loss"] for record in log})
    check.that(different == 4, f"{WHO}: 4 steps of an unchanged model have {different} different losses; expected 4")


def test_a_pattern_is_learned(drivers, check):
    tokens = numpy.tile(numpy.arange(VOCABULARY, dtype="uint16"), 30)
    changes = {"steps": 60, "max_lr": 0.03, "warmup_steps": 5, "cosine_steps": 60, "checkpoint_every": 60}
    log = log_of(check, one_run(drivers, check, {"train": tokens, "val": tokens[:90]}, **changes))
    first, last, measured = log[0]["train_loss"], log[-1]["train_loss"], log[-1]["val_loss"] or 99.0
    check.that(first > 1.5, f"{WHO} begins at a loss of {first:.3g} for {VOCABULARY} tokens; expected a fresh model")
    check.that(last < 0.3 and measured < 0.3, f"{WHO} ends at {last:.3g} (val {measured:.3g}); expected less than 0.3")


# Repeating and resuming


def test_the_same_seed_is_the_same_run(drivers, check, draw):
    arrays = random_tokens(draw)
    first, again = (one_run(drivers, check, arrays, seed=5) for _ in range(2))
    check_same_run(check, again, first, 6, "the same configuration ran twice")


def test_evaluating_and_saving_do_not_disturb_the_run(drivers, check, draw):
    arrays = random_tokens(draw)
    first = one_run(drivers, check, arrays, eval_every=100, checkpoint_every=100)
    often = one_run(drivers, check, arrays, eval_every=1, checkpoint_every=1, eval_batches=3)
    check_same_run(check, often, first, 6, "a run was evaluated and saved more often")


def test_a_resumed_run_is_the_uninterrupted_one(drivers, check, draw):
    arrays = random_tokens(draw)
    whole = one_run(drivers, check, arrays)
    half, resumed = session(drivers, check, CONFIG, arrays, [{**TRAIN, "config": {"steps": 3}}, RESUME])
    check_success(check, half)
    check_success(check, resumed)
    check_same_run(check, resumed, whole, 6, "a run of 3 steps was resumed")
    check.equal(len(log_of(check, resumed)), 6, who=f"{WHO} as the number of steps in the log of a resumed run")
    times = [record["wall_s"] for record in log_of(check, resumed)]
    check.that(times == sorted(times), f"{WHO}: wall_s goes back in a resumed run; expected it to go on")


def test_a_run_resumes_from_the_newest_checkpoint(drivers, check, draw):
    """A run that lost its last checkpoint, as one that was killed before: later lines of its log are void."""
    arrays = random_tokens(draw)
    whole = one_run(drivers, check, arrays, checkpoint_every=2, steps=5)
    lose = {"do": "delete", "name": whole["names"].get(5, "ckpt_5.pt")}
    changed = {**CONFIG, "checkpoint_every": 2, "steps": 5}
    *_, resumed = session(drivers, check, changed, arrays, [TRAIN, lose, RESUME])
    check_success(check, resumed)
    check_same_run(check, resumed, whole, 5, "a run was resumed from step 4")
    check.equal([r["step"] for r in log_of(check, resumed)], [1, 2, 3, 4, 5], who=f"{WHO} as the steps in the log")


def test_a_log_that_was_cut_off_is_mended(drivers, check, draw):
    arrays = random_tokens(draw)
    half, _, resumed = session(
        drivers,
        check,
        {**CONFIG, "steps": 3},
        arrays,
        [TRAIN, {"do": "write", "name": "log.jsonl", "content": _cut_log()}, {**RESUME, "config": {"steps": 6}}],
    )
    check_success(check, half)
    check_success(check, resumed)
    steps = [record["step"] for record in log_of(check, resumed)]
    check.equal(steps, [1, 2, 3, 4, 5, 6], who=f"{WHO} as the steps in the log", hint="a killed run cut a line off")


def _cut_log():
    record = {"wall_s": 0.001, "train_loss": 2.0, "val_loss": None, "lr": 0.01}
    lines = [json.dumps({"step": step, **record, "tokens": 18 * step}) for step in range(1, 5)]
    return "\n".join([*lines, lines[0][:25]]).encode()


def test_a_finished_run_has_nothing_to_resume(drivers, check, draw):
    first, again = session(drivers, check, CONFIG, random_tokens(draw), [TRAIN, RESUME])
    check_success(check, again)
    check_same_run(check, again, first, 6, "a finished run was resumed")


# The command


def test_the_module_is_a_command(drivers, check, draw):
    arrays = random_tokens(draw)
    good, bad = session(
        drivers, check, CONFIG, arrays, [{**TRAIN, "how": "module"}, {**RESUME, "how": "module", "text": "{"}]
    )
    check_success(check, good)
    checkpoint(check, good, 6)
    check_refusal(check, bad, "run.json")


def test_without_a_terminal_there_is_no_progress_bar(drivers, check, draw):
    ended = one_run(drivers, check, random_tokens(draw))
    shown = ended["stderr"] + ended["stdout"]
    check.that(
        "\r" not in shown and "\x1b" not in shown,
        f"{WHO} draws a progress bar into a file; expected none where standard error is no terminal",
    )


# What is refused


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (None, "run.json"),
        ("", "run.json"),
        ("{'steps': 3}", "run.json"),
        ("[1, 2]", "run.json"),
        ({"batchsize": 3}, "batchsize"),
        ({"max_lr": "0.01"}, "max_lr"),
        ({"steps": 2.5}, "steps"),
        ({"steps": True}, "steps"),
        ({"d_model": 0}, "d_model"),
        ({"batch_size": -1}, "batch_size"),
        ({"eval_every": 0}, "eval_every"),
        ({"device": None}, "device"),
        ({"steps": ...}, "steps"),
        ({"vocab_size": ...}, "vocab_size"),
    ],
    ids=str,
)
def test_a_wrong_configuration_is_refused(drivers, check, draw, text, name):
    action = {**TRAIN, "text": text} if not isinstance(text, dict) else TRAIN
    changes = text if isinstance(text, dict) else {}
    config = {key: value for key, value in {**CONFIG, **changes}.items() if value is not ...}
    (ended,) = session(drivers, check, config, random_tokens(draw), [action])
    check_refusal(check, ended, name)
    check.equal(dict(ended["checkpoints"]), {}, who=f"{WHO} as its checkpoints after an error")


TOKEN_FAULTS = {
    "missing": ("train", None, ("gone.npy",)),
    "missing_val": ("val", None, ("gone.npy",)),
    "too_large": ("train", [0] * 200 + [VOCABULARY], ("train.npy",)),
    "too_large_at_the_start": ("val", [VOCABULARY] + [0] * 200, ("val.npy",)),
    "negative": ("train", [1] * 50 + [-1] + [1] * 50, ("train.npy",)),
    "too_short": ("val", [1] * 6, ("val.npy",)),
    "not_one_dimension": ("train", [[1] * 50] * 2, ("train.npy",)),
    "not_integers": ("train", [0.5] * 50, ("train.npy",)),
}


@pytest.mark.parametrize("fault", TOKEN_FAULTS)
def test_wrong_token_files_are_refused(drivers, check, draw, fault):
    which, tokens, names = TOKEN_FAULTS[fault]
    arrays, changes = random_tokens(draw), {}
    if tokens is None:
        changes[f"{which}_tokens"] = "gone.npy"
    else:
        arrays[which] = numpy.array(tokens)
    (ended,) = session(drivers, check, {**CONFIG, **changes}, arrays, [TRAIN])
    check_refusal(check, ended, *names)
    check.that("train_loss" not in ended["log"], f"{WHO} trained before it found the fault in a token file")


@pytest.mark.parametrize(("key", "value"), [("num_heads", 3), ("device", "warp:9")])
def test_a_model_that_cannot_be_built_is_refused(drivers, check, draw, key, value):
    (ended,) = session(drivers, check, {**CONFIG, key: value}, random_tokens(draw), [TRAIN])
    check_refusal(check, ended, "num_heads", "heads", "warp", "device")


def test_resuming_from_nothing_is_refused(drivers, check, draw):
    (ended,) = session(drivers, check, CONFIG, random_tokens(draw), [RESUME])
    check_refusal(check, ended, "checkpoint", "out")


def test_a_folder_with_checkpoints_is_not_overwritten(drivers, check, draw):
    arrays = random_tokens(draw)
    first, refused = session(drivers, check, CONFIG, arrays, [TRAIN, {**TRAIN, "config": {"seed": 9}}])
    check_refusal(check, refused, "checkpoint", "resume")
    check_same_run(check, refused, first, 6, "a second run was refused")


@pytest.mark.parametrize("damage", ["garbage", "empty", "other"])
def test_a_checkpoint_that_does_not_load_is_refused(drivers, check, draw, damage):
    arrays = random_tokens(draw)
    whole = one_run(drivers, check, arrays)
    name = whole["names"].get(6, "ckpt_6.pt")
    contents = {"garbage": b"not a checkpoint" * 9, "empty": b""}
    if damage == "other":
        actions = [TRAIN, {**RESUME, "config": {"steps": 9, "d_model": 32}}]
    else:
        write = {"do": "write", "name": name, "content": contents[damage]}
        actions = [TRAIN, write, {**RESUME, "config": {"steps": 9}}]
    ended = session(drivers, check, CONFIG, arrays, [*actions, {"do": "write", "name": "x", "content": b""}])
    check_refusal(check, ended[len(actions) - 1], name)
    check_same_run(check, ended[-1], whole, 3, "a broken checkpoint was met")


def test_a_full_disk_costs_no_checkpoint(drivers, check, draw):
    arrays = random_tokens(draw)
    whole = one_run(drivers, check, arrays)
    checkpoint(check, whole, 6)
    limit = whole["sizes"][6] // 2
    part = {**TRAIN, "config": {"steps": 3}}
    saved, full, resumed = session(drivers, check, CONFIG, arrays, [part, {**RESUME, "limit": limit}, RESUME])
    check_success(check, saved)
    check_refusal(check, full, whole["names"].get(6, "ckpt").split(".")[0])
    check.equal(sorted(full["checkpoints"]), [3], who=f"{WHO} on a full disk as the steps of its checkpoints")
    check_success(check, resumed)
    check_same_run(check, resumed, whole, 6, "a run was resumed after the disk was full")


def test_a_run_killed_while_saving_leaves_no_half_checkpoint(drivers, check, draw):
    arrays = random_tokens(draw)
    whole = one_run(drivers, check, arrays)
    checkpoint(check, whole, 6)
    limit = whole["sizes"][6] // 2
    actions = [{**TRAIN, "config": {"steps": 3}}, {**RESUME, "limit": limit, "how": "killed"}, RESUME]
    saved, killed, resumed = session(drivers, check, CONFIG, arrays, actions)
    check_success(check, saved)
    check.equal(killed["code"], -1, who=f"{WHO}, killed while it saves, as its exit code")
    check.equal(sorted(killed["checkpoints"]), [3], who=f"{WHO}, killed while it saves, as its checkpoints")
    check_success(check, resumed)
    check_same_run(check, resumed, whole, 6, "a run was resumed after it was killed")
