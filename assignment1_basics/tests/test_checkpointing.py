"""Checkpoints: everything comes back, from any kind of file, and nothing else changes."""

import dataclasses

import pytest
import torch

SAVE, LOAD = "run_save_checkpoint", "run_load_checkpoint"
RTOL = 1e-5
SHAPES = {"weight": (4, 3), "bias": (5,), "inner.gain": (2, 2)}


@dataclasses.dataclass(frozen=True)
class Run:
    """Six steps of gradient descent with momentum: a state of the model and its gradients."""

    start: dict
    stranger: dict
    gradients: list

    def states(self, lr=0.1, momentum=0.9):
        """The state after each step, computed here."""
        state = {name: tensor.double() for name, tensor in self.start.items() if name != "seen"}
        speed = {name: torch.zeros_like(tensor) for name, tensor in state.items()}
        found = []
        for step, gradients in enumerate(self.gradients):
            for name, gradient in zip(state, gradients, strict=True):
                speed[name] = momentum * speed[name] + gradient.double()
                state[name] = state[name] - lr * speed[name]
            found.append({**state, "seen": self.start["seen"] + step + 1})
        return found


def state_of(draw):
    state = {name.replace(".", "_"): draw.normal(*shape) for name, shape in SHAPES.items()}
    return {**state, "seen": draw.integers(0, 1000, 3)}


@pytest.fixture
def run(draw):
    gradients = [[draw.normal(*shape) for shape in SHAPES.values()] for _ in range(6)]
    return Run(state_of(draw), state_of(draw), gradients)


def check_state(check, state, expected, who, hint=""):
    check.equal(sorted(state), sorted(expected), who=f"{who} as names in the model's state")
    for name, value in expected.items():
        if name == "seen":
            check.equal(state[name], value, who=f"{who} as the buffer {name!r}", hint=hint)
        else:
            check.close(state[name], value, rtol=RTOL, dtype=torch.float32, who=f"{who}: {name!r}", hint=hint)


def check_states(check, states, expected, who, hint=""):
    check.equal(len(states), len(expected), who=f"{who} as the number of steps")
    for state, value in zip(states, expected, strict=True):
        check_state(check, state, value, who, hint)


@pytest.mark.parametrize("kind", ["str", "Path", "BytesIO", "file"])
def test_a_checkpoint_comes_back_from_any_kind_of_file(drivers, check, run, kind):
    iteration, loaded, _, _ = drivers.checkpoint_and_resume(run.start, run.stranger, run.gradients, 3, 123, kind)
    check.equal(iteration, 123, who=LOAD)
    check_state(check, loaded, run.states()[2], f"a model after {LOAD} from a {kind}")


def test_a_resumed_run_takes_the_same_steps(drivers, check, run):
    _, _, _, resumed = drivers.checkpoint_and_resume(run.start, run.stranger, run.gradients, 3, 3, "str")
    hint = "the optimizer's state and learning rate come back, too, and it still steps the model's parameters"
    check_states(check, resumed, run.states()[3:], f"a run resumed by {LOAD}", hint)


def test_saving_does_not_disturb_the_run(drivers, check, run):
    _, _, went_on, _ = drivers.checkpoint_and_resume(run.start, run.stranger, run.gradients, 3, 3, "BytesIO")
    check_states(check, went_on, run.states()[3:], f"a run that went on after {SAVE}")


def test_a_checkpoint_is_a_copy_of_the_moment_it_was_saved(drivers, check, run):
    _, loaded, _, _ = drivers.checkpoint_and_resume(run.start, run.stranger, run.gradients, 1, 1, "BytesIO")
    check_state(check, loaded, run.states()[0], f"a model after {LOAD}", "training went on after saving")


def test_an_untrained_model_can_be_saved(drivers, check, run):
    iteration, _, _, resumed = drivers.checkpoint_and_resume(run.start, run.stranger, run.gradients, 0, 0, "Path")
    check.equal(iteration, 0, who=LOAD)
    check_states(check, resumed, run.states(), f"a run resumed by {LOAD} before its first step")


@pytest.mark.parametrize("iteration", [0, 1, 2**40])
def test_the_iteration_comes_back(drivers, check, run, iteration):
    found, *_ = drivers.checkpoint_and_resume(run.start, run.stranger, run.gradients, 2, iteration, "BytesIO")
    check.equal(found, iteration, who=LOAD)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16], ids=str)
def test_every_bit_of_the_weights_comes_back(drivers, check, draw, dtype):
    state = {"weight": draw.normal(6, 5, dtype=dtype), "bias": draw.normal(7, scale=1e-30)}
    found = drivers.checkpoints_at_paths([state], ["a.pt"], [5])
    check.equal(found["a.pt"], (5, state), who=f"{LOAD} as (iteration, state)")


def test_each_path_has_a_checkpoint_of_its_own(drivers, check, draw):
    states = [{"weight": draw.normal(3, 2)} for _ in range(2)]
    found = drivers.checkpoints_at_paths(states, ["a.pt", "b.pt"], [10, 20])
    check.equal(found, {"a.pt": (10, states[0]), "b.pt": (20, states[1])}, who=f"{LOAD} as what each path holds")


def test_a_later_checkpoint_replaces_the_one_at_its_path(drivers, check, draw):
    states = [{"weight": draw.normal(3, 2)} for _ in range(2)]
    found = drivers.checkpoints_at_paths(states, ["last", "last"], [10, 20])
    check.equal(found, {"last": (20, states[1])}, who=f"{LOAD} as what the path holds")


def test_a_checkpoint_is_plain_data(drivers, check, run):
    plain = drivers.checkpoint_loads_as_plain_data(run.start, run.gradients)
    check.that(
        plain,
        f"torch.load(..., weights_only=True) refuses what {SAVE} wrote; expected state_dicts and numbers, "
        "not the objects themselves",
    )


@pytest.mark.parametrize("training", [True, False])
def test_the_training_mode_does_not_change(drivers, check, run, training):
    modes = drivers.modes_around_checkpointing(run.start, training)
    check.equal(modes, (training, training), who=f"model.training after {SAVE} and after {LOAD}")
