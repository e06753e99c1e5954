"""Checkpoints of other states, at random steps, through every kind of file."""

import pytest
import torch

SAVE, LOAD = "run_save_checkpoint", "run_load_checkpoint"


def states(start, gradients, lr=0.1, momentum=0.9):
    """The weights after each step of gradient descent with momentum, in float64."""
    weights = [tensor.double() for tensor in start.values()]
    speeds = [torch.zeros_like(tensor) for tensor in weights]
    found = []
    for step in gradients:
        speeds = [momentum * speed + gradient.double() for speed, gradient in zip(speeds, step, strict=True)]
        weights = [weight - lr * speed for weight, speed in zip(weights, speeds, strict=True)]
        found.append(dict(zip(start, weights, strict=True)))
    return found


def check_states(check, found, expected, who):
    check.equal([sorted(state) for state in found], [sorted(state) for state in expected], who=f"{who} as names")
    for state, value in zip(found, expected, strict=True):
        for name in value:
            check.close(state[name], value[name], rtol=1e-5, dtype=torch.float32, who=f"{who}: {name!r}")


@pytest.mark.parametrize("kind", ["str", "Path", "BytesIO", "file"])
def test_runs_resume_at_random_steps(drivers, check, draw, kind):
    start, stranger = ({"a": draw.normal(3, 3), "z": draw.normal(4), "m": draw.normal(2, 2, 2)} for _ in range(2))
    gradients = [[draw.normal(3, 3), draw.normal(4), draw.normal(2, 2, 2)] for _ in range(7)]
    saved_after, iteration = draw.integer(1, 6), draw.integer(0, 10**6)
    found, loaded, went_on, resumed = drivers.checkpoint_and_resume(
        start, stranger, gradients, saved_after, iteration, kind
    )
    expected = states(start, gradients)
    check.equal(found, iteration, who=LOAD)
    check_states(check, [loaded], expected[saved_after - 1 : saved_after], f"a model after {LOAD}")
    check_states(check, went_on, expected[saved_after:], f"a run that went on after {SAVE}")
    check_states(check, resumed, expected[saved_after:], f"a run resumed by {LOAD}")


def test_special_values_come_back(drivers, check):
    state = {"weight": torch.tensor([0.0, -0.0, torch.inf, -torch.inf, 1e-42, 3.4e38, torch.nan])}
    found = drivers.checkpoints_at_paths([state], ["odd name.ckpt"], [1])
    check.equal(found["odd name.ckpt"], (1, state), who=f"{LOAD} as (iteration, state)")


def test_buffers_come_back_as_they_are(drivers, check, draw):
    state = {"weight": draw.normal(3), "seen": draw.integers(-(2**62), 2**62, 5)}
    found = drivers.checkpoints_at_paths([state], ["run"], [2])
    check.equal(found["run"], (2, state), who=f"{LOAD} as (iteration, state)")


def test_three_checkpoints_side_by_side(drivers, check, draw):
    saved = [{"weight": draw.normal(4, 2), "bias": draw.normal(3)} for _ in range(4)]
    names = ["step1.pt", "step2.pt", "step3.pt", "step1.pt"]
    found = drivers.checkpoints_at_paths(saved, names, [4, 5, 6, 7])
    expected = {"step1.pt": (7, saved[3]), "step2.pt": (5, saved[1]), "step3.pt": (6, saved[2])}
    check.equal(found, expected, who=f"{LOAD} as what each path holds")


def test_a_fresh_optimizer_is_plain_data_too(drivers, check, draw):
    plain = drivers.checkpoint_loads_as_plain_data({"weight": draw.normal(2, 3)}, [])
    check.that(plain, f"torch.load(..., weights_only=True) refuses what {SAVE} wrote before the first step")
