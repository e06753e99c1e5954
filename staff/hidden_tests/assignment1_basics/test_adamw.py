"""AdamW: longer runs, random options, and several demands at once."""

import dataclasses

import pytest

from assignment1_basics.tests.adamw_recursion import Track, check_tracks


def random_options(draw):
    return {
        "lr": draw.number(1e-3, 0.1),
        "weight_decay": draw.number(0.05, 0.5),
        "betas": (draw.number(0.5, 0.95), draw.number(0.9, 0.99)),
        "eps": draw.choice([1e-8, 1e-4, 1e-2]),
    }


def random_tracks(draw, options, steps, shapes=((3, 2), (6,)), missing=0.0):
    tracks = []
    for shape in shapes:
        start, *gradients = draw.normal(steps + 1, *shape)
        absent = [False, *draw.boolean(steps - 1, p=missing).tolist()]
        tracks.append(Track(start, [None if no else g for g, no in zip(gradients, absent, strict=True)], **options))
    return tracks


def group_of(tracks, **options):
    return {"params": [track.start for track in tracks], **options}


def steps_of(tracks):
    return [list(step) for step in zip(*(track.gradients for track in tracks), strict=True)]


@pytest.mark.parametrize("number", range(5))
def test_random_options(drivers, check, draw, number):
    options = random_options(draw)
    tracks = random_tracks(draw, options, 12)
    check_tracks(check, drivers.adamw_steps([group_of(tracks)], options, steps_of(tracks)), tracks)


def test_a_long_run_keeps_its_bias_correction(drivers, check, draw):
    options = {"lr": 3e-3, "weight_decay": 0.02, "betas": (0.9, 0.999), "eps": 1e-8}
    tracks = random_tracks(draw, options, 150)
    check_tracks(check, drivers.adamw_steps([group_of(tracks)], options, steps_of(tracks)), tracks, rtol=5e-5)


@pytest.mark.beyond_public_course
def test_groups_with_rates_of_their_own_and_missing_gradients(drivers, check, draw):
    defaults, own = random_options(draw), [random_options(draw) for _ in range(3)]
    rates = [[draw.number(1e-3, 0.1) for _ in own] for _ in range(10)]
    per_group = [random_tracks(draw, options, 10, missing=0.3) for options in own]
    groups = [group_of(tracks, **options) for tracks, options in zip(per_group, own, strict=True)]
    tracks = [
        dataclasses.replace(track, rates=[step[place] for step in rates])
        for place, group in enumerate(per_group)
        for track in group
    ]
    check_tracks(check, drivers.adamw_steps(groups, defaults, steps_of(tracks), rates), tracks)


@pytest.mark.beyond_public_course
def test_groups_are_resumed_with_their_options(drivers, check, draw):
    defaults, own = random_options(draw), [random_options(draw) for _ in range(2)]
    per_group = [random_tracks(draw, options, 10, missing=0.2) for options in own]
    groups = [group_of(tracks, **options) for tracks, options in zip(per_group, own, strict=True)]
    tracks = [track for group in per_group for track in group]
    found = drivers.adamw_steps_with_a_pause(groups, defaults, random_options(draw), steps_of(tracks), 6)
    check_tracks(check, found, tracks)


def test_a_first_gradient_may_come_late(drivers, check, draw):
    options = random_options(draw)
    early, late = random_tracks(draw, options, 8)
    late = dataclasses.replace(late, gradients=[None] * 5 + list(late.gradients[5:]))
    found = drivers.adamw_steps([group_of([early, late])], options, steps_of([early, late]))
    check_tracks(check, found, [early, late])


@pytest.mark.parametrize("set_to_none", [True, False])
def test_weight_decay_pulls_a_training_loop_towards_zero(drivers, check, draw, set_to_none):
    options = {**random_options(draw), "weight_decay": 0.4}
    start, target = draw.normal(4, 2), draw.normal(4, 2)
    found = drivers.adamw_training(start, target, options, 15, set_to_none)
    positions = [start, *found]
    described = [(each.dtype, each.shape) for each in positions]
    check.equal(described, [(start.dtype, start.shape)] * 16, who="AdamW as dtype and shape of its iterates")
    gradients = [position - target for position in positions[:-1]]
    check_tracks(check, [[each] for each in found], [Track(start, gradients, **options)])
