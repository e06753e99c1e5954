"""AdamW: the recursion, its options, groups, missing gradients, resuming, and real training."""

import dataclasses

import pytest
import torch

from assignment1_basics.tests.adamw_recursion import Track, check_tracks

OPTIONS = {
    "usual": {"lr": 1e-2, "weight_decay": 0.01, "betas": (0.9, 0.999), "eps": 1e-8},
    "other_betas": {"lr": 1e-2, "weight_decay": 0.01, "betas": (0.8, 0.95), "eps": 1e-8},
    "large_eps": {"lr": 1e-2, "weight_decay": 0.01, "betas": (0.9, 0.999), "eps": 1e-2},
    "strong_decay": {"lr": 0.05, "weight_decay": 0.5, "betas": (0.9, 0.999), "eps": 1e-8},
    "no_decay": {"lr": 1e-2, "weight_decay": 0.0, "betas": (0.9, 0.999), "eps": 1e-8},
    "large_rate": {"lr": 0.3, "weight_decay": 0.1, "betas": (0.9, 0.98), "eps": 1e-6},
}
SHAPES = [(4, 3), (5,), (), (2, 1, 3)]


def tracks_of(draw, options, steps=8, shapes=SHAPES, scale=1.0):
    """Parameters of these shapes with a gradient of their own in every step."""
    tracks = []
    for shape in shapes:
        start, *gradients = draw.normal(steps + 1, *shape)
        tracks.append(Track(start, [scale * gradient for gradient in gradients], **options))
    return tracks


def steps_of(tracks):
    """The gradients of all tracks, a list a step."""
    return [list(step) for step in zip(*(track.gradients for track in tracks), strict=True)]


def one_group(tracks):
    return [{"params": [track.start for track in tracks]}]


@pytest.mark.parametrize("name", OPTIONS)
def test_parameters_follow_the_recursion(drivers, check, draw, name):
    options = OPTIONS[name]
    tracks = tracks_of(draw, options)
    found = drivers.adamw_steps(one_group(tracks), options, steps_of(tracks))
    check_tracks(check, found, tracks, hint=f"the options were {options}")


def test_eps_is_added_outside_the_square_root(drivers, check, draw):
    options = {**OPTIONS["usual"], "eps": 1e-2}
    tracks = tracks_of(draw, options, scale=0.1)
    found = drivers.adamw_steps(one_group(tracks), options, steps_of(tracks))
    check_tracks(check, found, tracks, hint="sqrt(v) + eps, not sqrt(v + eps)")


def test_a_zero_gradient_leaves_only_the_decay(drivers, check, draw):
    options = OPTIONS["strong_decay"]
    start = draw.normal(6)
    tracks = [Track(start, [torch.zeros(6)] * 3, **options)]
    found = drivers.adamw_steps(one_group(tracks), options, steps_of(tracks))
    check_tracks(check, found, tracks)


def test_gradients_of_very_different_size(drivers, check, draw):
    options = OPTIONS["usual"]
    tracks = [tracks_of(draw, options, shapes=[(5,)], scale=scale)[0] for scale in (1e-5, 1.0, 1e4)]
    found = drivers.adamw_steps(one_group(tracks), options, steps_of(tracks))
    check_tracks(check, found, tracks)


def test_a_learning_rate_set_between_steps_is_used(drivers, check, draw):
    rates = [draw.number(1e-3, 5e-2) for _ in range(8)]
    options = OPTIONS["strong_decay"]
    tracks = [dataclasses.replace(track, rates=rates) for track in tracks_of(draw, options)]
    found = drivers.adamw_steps(one_group(tracks), options, steps_of(tracks), [[rate] for rate in rates])
    check_tracks(check, found, tracks, hint="a schedule writes to param_groups: read lr there in every step")


@pytest.mark.beyond_public_course
def test_each_group_has_options_of_its_own(drivers, check, draw):
    options = OPTIONS["usual"]
    own = [
        {"lr": 0.05, "betas": (0.5, 0.9)},
        {"weight_decay": 0.5, "eps": 1e-2},
        {},
    ]
    tracks = [track for changes in own for track in tracks_of(draw, {**options, **changes}, shapes=[(3, 2), (4,)])]
    groups = [
        {"params": [track.start for track in tracks[2 * place : 2 * place + 2]], **changes}
        for place, changes in enumerate(own)
    ]
    found = drivers.adamw_steps(groups, options, steps_of(tracks))
    check_tracks(check, found, tracks, hint="options not given in a group are the constructor's")


def test_a_parameter_without_a_gradient_waits(drivers, check, draw):
    options = {**OPTIONS["other_betas"], "weight_decay": 0.3}
    tracks = []
    for track in tracks_of(draw, options, steps=9):
        kept = draw.boolean(9, p=0.6).tolist()
        gradients = [gradient if keep else None for gradient, keep in zip(track.gradients, kept, strict=True)]
        gradients[-1] = track.gradients[-1]
        tracks.append(dataclasses.replace(track, gradients=gradients))
    found = drivers.adamw_steps(one_group(tracks), options, steps_of(tracks))
    hint = "without a gradient no decay, no moments and no count: each parameter counts its own steps"
    check_tracks(check, found, tracks, hint=hint)


def test_a_parameter_that_never_has_a_gradient_does_not_change(drivers, check, draw):
    options = OPTIONS["strong_decay"]
    frozen, moving = draw.normal(3, 4), draw.normal(5)
    gradients = [[None, draw.normal(5)] for _ in range(3)]
    found = drivers.adamw_steps([{"params": [frozen, moving]}], options, gradients)
    check.equal([step[:1] for step in found], [[frozen]] * 3, who="AdamW as a parameter that has no gradient")


@pytest.mark.parametrize("pause", [1, 4])
def test_training_goes_on_from_a_saved_state_dict(drivers, check, draw, pause):
    options = OPTIONS["large_rate"]
    tracks = tracks_of(draw, options, steps=9)
    on_return = {"lr": 1.0, "weight_decay": 0.0, "betas": (0.1, 0.2), "eps": 1.0}
    found = drivers.adamw_steps_with_a_pause(one_group(tracks), options, on_return, steps_of(tracks), pause)
    hint = "state_dict() holds self.state and param_groups: moments, steps and options must be there"
    check_tracks(check, found, tracks, hint=hint)


def test_a_group_may_be_added_later(drivers, check, draw):
    options, late = OPTIONS["usual"], 3
    first, second = tracks_of(draw, options), tracks_of(draw, {**options, "lr": 0.04}, shapes=[(3,), (2, 2)])
    waiting = [dataclasses.replace(track, gradients=[None] * late + track.gradients[late:]) for track in second]
    groups = [*one_group(first), {**one_group(second)[0], "lr": 0.04}]
    found = drivers.adamw_steps_with_a_late_group(groups, options, steps_of([*first, *second]), late)
    hint = "a new parameter's first step is t = 1"
    check_tracks(check, found, [*first, *waiting], hint=hint)


@pytest.mark.parametrize("set_to_none", [True, False])
def test_a_training_loop_finds_the_minimum(drivers, check, draw, set_to_none):
    options = {"lr": 0.2, "weight_decay": 0.0, "betas": (0.9, 0.99), "eps": 1e-8}
    start, target = draw.normal(3, 4), draw.normal(3, 4)
    found = drivers.adamw_training(start, target, options, 120, set_to_none)
    check.equal(len(found), 120, who="AdamW, as the number of iterates,")
    last = found[-1]
    check.equal((last.dtype, last.shape), (start.dtype, start.shape), who="AdamW as dtype and shape of a parameter")
    distance = float((last - target).abs().max())
    check.that(distance < 0.05, f"AdamW is {distance:.2g} from the minimum after 120 steps; expected less than 0.05")


@pytest.mark.parametrize("set_to_none", [True, False])
def test_gradients_from_backward_are_used_as_they_are(drivers, check, draw, set_to_none):
    options = OPTIONS["other_betas"]
    start, target = draw.normal(3, 4), draw.normal(3, 4)
    found = drivers.adamw_training(start, target, options, 6, set_to_none)
    positions = [start, *found]
    described = [(each.dtype, each.shape) for each in positions]
    check.equal(described, [(start.dtype, start.shape)] * 7, who="AdamW as dtype and shape of its iterates")
    gradients = [position - target for position in positions[:-1]]
    check_tracks(check, [[each] for each in found], [Track(start, gradients, **options)])


@pytest.mark.beyond_public_course
def test_a_closure_is_called_once_and_its_loss_returned(drivers, check, draw):
    options = OPTIONS["usual"]
    start, target = draw.normal(6), draw.normal(6)
    loss, calls, after = drivers.adamw_closure(start, target, options)
    check.equal(calls, 1, who="AdamW.step(closure), as the number of calls of the closure,")
    loss = torch.as_tensor(loss) if isinstance(loss, float | torch.Tensor) else loss
    check.close(
        loss,
        0.5 * (start - target).double().square().sum(),
        rtol=1e-5,
        dtype=torch.float32,
        constant=True,
        who="AdamW.step(closure)",
        hint="it returns what the closure returned",
    )
    track = Track(start, [start - target], **options)
    check_tracks(check, [[after]], [track], hint="the closure's gradients are used in this step")


@pytest.mark.beyond_public_course
def test_a_bfloat16_parameter_stays_bfloat16(drivers, check, draw):
    options = {"lr": 0.1, "weight_decay": 0.1, "betas": (0.9, 0.95), "eps": 1e-6}
    start = draw.normal(64).bfloat16()
    tracks = [Track(start, [draw.normal(64).bfloat16() for _ in range(3)], **options)]
    found = drivers.adamw_steps(one_group(tracks), options, steps_of(tracks))
    check_tracks(check, found, tracks, rtol=0.05)
