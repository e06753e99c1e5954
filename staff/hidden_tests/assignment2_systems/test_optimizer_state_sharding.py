"""A sharded optimizer: random groups, and several demands at once."""

import pytest

from assignment2_systems.tests.sharded_training import (
    ADAMW,
    MOMENTUM,
    RTOL,
    check_shares,
    check_steps,
    gradients_like,
    owners,
    parameters_of,
    plain_steps,
    plan_of,
    run_closure,
    run_steps,
)

beyond = pytest.mark.beyond_public_course


def random_groups(draw, count, least=1):
    """Groups of at least so many random shapes, with options of their own."""
    return [
        (
            tuple((draw.integer(1, 5), draw.integer(2, 6)) for _ in range(draw.integer(least, least + 4))),
            {"lr": draw.number(0.01, 0.3), "weight_decay": draw.number(0.0, 0.3)},
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize("optimizer", [MOMENTUM, ADAMW], ids=["momentum", "adamw"])
def test_random_groups_with_options_of_their_own(drivers, check, draw, optimizer):
    plan = plan_of(draw, draw.integer(2, 4), optimizer, groups=random_groups(draw, 3, least=3), steps=6)
    owners(check, check_steps(check, drivers, plan), len(parameters_of(plan)))


@beyond
@pytest.mark.parametrize("optimizer", [MOMENTUM, ADAMW], ids=["momentum", "adamw"])
def test_random_groups_whose_options_change(drivers, check, draw, optimizer):
    groups = random_groups(draw, 3)
    changes = [
        [{"lr": draw.number(0.01, 0.2), "weight_decay": draw.number(0.0, 0.3)} for _ in groups] for _ in range(6)
    ]
    plan = plan_of(draw, draw.integer(2, 4), optimizer, groups=groups, steps=6, changes=changes)
    owners(check, check_steps(check, drivers, plan), len(parameters_of(plan)))


def test_equal_parameters_are_spread_evenly(drivers, check, draw):
    shape, count = (draw.integer(2, 5), draw.integer(2, 5)), draw.integer(16, 30)
    plan = plan_of(draw, draw.integer(2, 5), MOMENTUM, groups=[((shape,) * count, {})], steps=2)
    check_shares(check, run_steps(check, drivers, plan), plan, state_per_byte=1)


def test_the_update_of_the_owner_reaches_all_ranks(drivers, check, draw):
    plan = plan_of(draw, 2, MOMENTUM, groups=random_groups(draw, 2, least=2))
    plan["gradients"] = [gradients_like(draw, parameters_of(plan), 3) for _ in range(2)]
    found = run_steps(check, drivers, plan)
    owner = owners(check, found, len(parameters_of(plan)))
    by_rank = [plain_steps(plan, rank) for rank in range(2)]
    for rank, of_rank in enumerate(found):
        for number, step in enumerate(of_rank["steps"]):
            for place, got in enumerate(step["parameters"]):
                who = f"get_sharded_optimizer: parameter {place} on rank {rank} after step {number + 1}"
                want = by_rank[owner[place]][number][place]
                check.close(got, want, rtol=RTOL, who=who, hint=f"rank {owner[place]} owns it")


def test_the_bytes_of_a_step_are_those_of_the_parameters(drivers, check, draw):
    plan = plan_of(draw, 2, groups=random_groups(draw, 3, least=2), steps=3)
    expected = sum(tensor.numel() * tensor.itemsize for tensor in parameters_of(plan))
    for of_rank in run_steps(check, drivers, plan):
        for step in of_rank["steps"]:
            total = sum(event["bytes"] for event in step["events"])
            check.that(
                total == expected,
                f"get_sharded_optimizer: {total} bytes were sent in a step; expected {expected}: the new parameters, once",
            )


@beyond
def test_a_late_group_follows_a_scheduler(drivers, check, draw):
    groups = random_groups(draw, 3)
    late = 3
    plan = plan_of(draw, 3, groups=groups, steps=6, late=late)
    changes = [[{"lr": draw.number(0.01, 0.2)} for _ in groups[: 2 if number < late else 3]] for number in range(6)]
    check_steps(check, drivers, {**plan, "changes": changes})


@beyond
def test_groups_go_on_from_the_state_dict_of_each_rank(drivers, check, draw):
    groups = random_groups(draw, 2)
    plan = plan_of(draw, 3, groups=groups, steps=6, pause=3, options_on_return={"lr": 1.0, "betas": (0.1, 0.2)})
    check_steps(check, drivers, plan)


@beyond
@pytest.mark.parametrize("world_size", [2, 4])
def test_one_parameter_on_many_ranks(drivers, check, draw, world_size):
    owners(check, check_steps(check, drivers, plan_of(draw, world_size, groups=[(((3, 2),), {})])), 1)


def test_a_closure_on_three_ranks(drivers, check, draw):
    plan = {
        **plan_of(draw, 3, MOMENTUM, groups=random_groups(draw, 2, least=3), steps=1),
        "loss": draw.number(1.0, 2.0),
    }
    (expected,) = plain_steps(plan)
    for rank, found in enumerate(run_closure(check, drivers, plan)):
        who = f"step(closure) of get_sharded_optimizer on rank {rank}"
        check.equal(found["modes"], [True], who=f"{who}, as is_grad_enabled() in each call of the closure,")
        for got, want in zip(found["parameters"], expected, strict=True):
            check.close(got, want, rtol=RTOL, who=who)
