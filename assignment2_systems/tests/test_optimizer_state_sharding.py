"""A sharded optimizer: the steps of the plain one, a share of its state on each rank, and all that optimizers can do."""

import pytest
import torch

from assignment2_systems.tests.one_a_rank import one_a_rank
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

EQUAL = [((3, 4),) * 18]
GROUPS = [(((4, 3), (5,), (2,)), {"weight_decay": 0.0}), (((3, 3), (6,)), {"lr": 0.3, "betas": (0.5, 0.6)})]


@pytest.mark.parametrize("world_size", [1, 2, 3])
@pytest.mark.parametrize("optimizer", [MOMENTUM, ADAMW], ids=["momentum", "adamw"])
def test_all_ranks_step_as_the_plain_optimizer(drivers, check, draw, world_size, optimizer):
    check_steps(check, drivers, plan_of(draw, world_size, optimizer, bare=True))


@pytest.mark.parametrize("world_size", [2, 3])
def test_parameters_and_state_are_spread_over_the_ranks(drivers, check, draw, world_size):
    plan = plan_of(draw, world_size, groups=[(EQUAL[0], {})], steps=2)
    check_shares(check, run_steps(check, drivers, plan), plan, state_per_byte=2)


def test_the_update_of_the_owner_reaches_all_ranks(drivers, check, draw):
    plan = plan_of(draw, 3)
    plan["gradients"] = [gradients_like(draw, parameters_of(plan), 3) for _ in range(3)]
    found = run_steps(check, drivers, plan)
    owner = owners(check, found, len(parameters_of(plan)))
    by_rank = [plain_steps(plan, rank) for rank in range(3)]
    for rank, of_rank in enumerate(found):
        for number, step in enumerate(of_rank["steps"]):
            for place, got in enumerate(step["parameters"]):
                check.close(
                    got,
                    by_rank[owner[place]][number][place],
                    rtol=RTOL,
                    who=f"get_sharded_optimizer: parameter {place} on rank {rank} after step {number + 1}",
                    hint=f"rank {owner[place]} owns it: its gradient counts, and the value goes to all ranks",
                )


def test_each_parameter_is_sent_once_a_step(drivers, check, draw):
    plan = plan_of(draw, 3, steps=2)
    expected = sum(tensor.numel() * tensor.itemsize for tensor in parameters_of(plan))
    for rank, of_rank in enumerate(run_steps(check, drivers, plan)):
        for number, step in enumerate(of_rank["steps"], start=1):
            sent = [event for event in step["events"] if event["operation"] != "wait"]
            kinds = {event["operation"] for event in sent}
            check.that(
                kinds <= {"broadcast", "all_gather"},
                f"get_sharded_optimizer: rank {rank} used {sorted(kinds)} in step {number}; expected broadcasts, or all-gathers",
            )
            total = sum(event["bytes"] for event in sent)
            check.that(
                total == expected,
                f"get_sharded_optimizer: {total} bytes were sent in step {number}; expected {expected}: the new "
                "parameters, once",
            )


@beyond
@pytest.mark.parametrize("option", ["lr", "weight_decay"])
def test_what_is_written_to_a_group_holds_from_the_next_step(drivers, check, draw, option):
    changes = [[{option: draw.number(0.01, 0.2)}] for _ in range(4)]
    hint = f"the test writes {option} to param_groups of the sharded optimizer, as schedules do"
    check_steps(check, drivers, plan_of(draw, 2, changes=changes), hint=hint)


@beyond
def test_a_scheduler_of_pytorch_works(drivers, check, draw):
    check_steps(check, drivers, plan_of(draw, 2, MOMENTUM, steps=5, half_life=2))


@pytest.mark.parametrize("last", [((2, 5), (3,)), pytest.param(((2, 5),), marks=beyond)], ids=["even", "one_parameter"])
def test_each_group_has_options_of_its_own(drivers, check, draw, last):
    plan = plan_of(draw, 2, groups=[*GROUPS, (last, {})], steps=3)
    check_steps(check, drivers, plan, hint="options of a group beat the keywords")


@beyond
def test_what_is_written_to_one_group_holds_for_it_alone(drivers, check, draw):
    groups = [*GROUPS, (((2, 5),), {})]
    changes = [[{"lr": draw.number(0.01, 0.2)} for _ in groups] for _ in range(3)]
    check_steps(check, drivers, plan_of(draw, 2, groups=groups, steps=3, changes=changes))


@pytest.mark.parametrize("optimizer", [MOMENTUM, ADAMW], ids=["momentum", "adamw"])
def test_a_group_may_be_added_later(drivers, check, draw, optimizer):
    groups = [(((4, 3), (5,)), {}), (((2, 2), (3,), (6,)), {"lr": 0.02})]
    plan = plan_of(draw, 2, optimizer, groups=groups, steps=5, late=2)
    for gradients in plan["gradients"]:
        gradients[:2] = [[*step[:2], None, None, None] for step in gradients[:2]]
    found = check_steps(check, drivers, plan)
    owners(check, found, 5)


def test_later_groups_are_spread_over_the_ranks(drivers, check, draw):
    groups = [(((3, 4),) * 9, {}), (((3, 4),) * 9, {"lr": 0.02})]
    plan = plan_of(draw, 2, MOMENTUM, groups=groups, steps=2, late=1)
    check_shares(check, run_steps(check, drivers, plan), plan, state_per_byte=1)


@beyond
@pytest.mark.parametrize("count", [1, 2])
def test_there_may_be_fewer_parameters_than_ranks(drivers, check, draw, count):
    found = check_steps(check, drivers, plan_of(draw, 3, groups=[(((4, 3),) * count, {})]))
    owners(check, found, count)


@pytest.mark.parametrize("world_size", [1, 2])
def test_a_closure_is_called_once_with_autograd_on(drivers, check, draw, world_size):
    plan = {**plan_of(draw, world_size, steps=1), "loss": draw.number(1.0, 2.0)}
    (expected,) = plain_steps(plan)
    for rank, found in enumerate(run_closure(check, drivers, plan)):
        who = f"step(closure) of get_sharded_optimizer on rank {rank}"
        check.equal(found["modes"], [True], who=f"{who}, as is_grad_enabled() in each call of the closure,")
        for got, want in zip(found["parameters"], expected, strict=True):
            check.close(got, want, rtol=RTOL, who=who, hint="the closure's gradients are used in this step")


@beyond
@pytest.mark.parametrize("world_size", [1, 2])
def test_a_step_returns_what_the_closure_returned(drivers, check, draw, world_size):
    plan = {**plan_of(draw, world_size, steps=1), "loss": draw.number(1.0, 2.0)}
    for rank, found in enumerate(run_closure(check, drivers, plan)):
        loss = found["loss"]
        loss = loss.item() if isinstance(loss, torch.Tensor) else loss
        who = f"step(closure) of get_sharded_optimizer on rank {rank}"
        check.equal(loss, plan["loss"], who=who, hint="it returns what the closure returned")


def test_zero_grad_clears_the_gradients_of_all_parameters(drivers, check, draw):
    plan = plan_of(draw, 2, steps=1)
    for rank, gradients in enumerate(one_a_rank(check, drivers.sharded_zero_grad(plan), 2, "get_sharded_optimizer")):
        check.equal(len(gradients), len(parameters_of(plan)), who="get_sharded_optimizer, as the number of parameters,")
        for place, gradient in enumerate(gradients):
            cleared = gradient is None or not bool(gradient.any())
            message = f"get_sharded_optimizer: rank {rank} still has a gradient of parameter {place} after zero_grad()"
            check.that(cleared, message)


@pytest.mark.parametrize("world_size", [1, pytest.param(2, marks=beyond)])  # on two ranks one owns nothing
def test_tied_weights_are_one_parameter(drivers, check, draw, world_size):
    weight, inputs = draw.normal(4, 4, dtype=torch.float64), draw.normal(3, 5, 4, dtype=torch.float64)
    plan = {"world_size": world_size, "optimizer": ADAMW[0], "options": ADAMW[1]}
    plan |= {"weight": weight, "inputs": list(inputs)}
    parameter = torch.nn.Parameter(weight.clone())
    optimizer = torch.optim.AdamW([parameter], **ADAMW[1])
    found = one_a_rank(check, drivers.sharded_tied_training(plan), world_size, "get_sharded_optimizer")
    for history in found:
        check.equal(len(history), len(inputs), who="get_sharded_optimizer, as the number of steps,")
    for number, batch in enumerate(inputs):
        optimizer.zero_grad()
        (batch @ parameter.T @ parameter.T).square().mean().backward()
        optimizer.step()
        for rank, history in enumerate(found):
            who = f"get_sharded_optimizer: a tied weight on rank {rank} after step {number + 1}"
            check.close(history[number], parameter.detach(), rtol=RTOL, who=who)


def test_a_parameter_without_a_gradient_waits(drivers, check, draw):
    plan = plan_of(draw, 2)
    for gradients in plan["gradients"]:
        gradients[1] = [None, *gradients[1][1:3], None, gradients[1][4]]
        gradients[0] = [*gradients[0][:2], None, *gradients[0][3:]]
    check_steps(check, drivers, plan)


@beyond
@pytest.mark.parametrize("optimizer", [MOMENTUM, ADAMW], ids=["momentum", "adamw"])
def test_each_rank_goes_on_from_its_state_dict(drivers, check, draw, optimizer):
    on_return = {name: value for name, value in optimizer[1].items() if name == "momentum"} | {"lr": 1.0}
    plan = plan_of(draw, 2, optimizer, steps=5, pause=2, options_on_return=on_return)
    check_steps(check, drivers, plan, hint="state_dict() has the state of the rank's parameters, and hyper-parameters")


@beyond
def test_a_rate_that_was_set_since_the_last_step_is_saved(drivers, check, draw):
    plan = plan_of(draw, 2, steps=4, pause=2, options_on_return={"lr": 1.0})
    changes = [[{"lr": draw.number(0.01, 0.2)}] for _ in range(3)]
    hint = "state_dict() has the hyper-parameters as they are when it is called"
    check_steps(check, drivers, {**plan, "changes": [*changes, [{}]]}, hint=hint)
