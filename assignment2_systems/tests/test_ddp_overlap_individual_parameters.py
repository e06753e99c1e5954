"""Overlap: each gradient is on its way while the backward pass goes on, and nobody waits before its end."""

import pytest

from assignment2_systems.tests.parallel_training import (
    WRAPPERS,
    all_reduces,
    check_bytes,
    check_training,
    in_float32_and_float64,
    plan_of,
    run_plan,
    trained,
)

KINDS = ["naive", "individual"]


def last_steps(found):
    """The last step of each rank, with the rank."""
    return enumerate(of_rank["steps"][-1] for of_rank in found)


@pytest.mark.parametrize("kind", KINDS)
def test_every_all_reduce_begins_before_the_backward_pass_ends(drivers, check, draw, kind):
    plan = plan_of(draw, kind, 2, steps=2)
    for rank, step in last_steps(run_plan(check, drivers, plan)):
        begun = [event["phase"].startswith("backward") for event in all_reduces(step)]
        check.that(
            sum(begun) == len(trained(plan)),
            f"{WRAPPERS[kind]}: on rank {rank}, {sum(begun)} all-reduces began during backward(), {len(begun) - sum(begun)} "
            f"at other times; expected {len(trained(plan))} during backward(), one for each parameter",
        )
        check.equal(len(begun), len(trained(plan)), who=f"{WRAPPERS[kind]}, as the number of all-reduces in a step,")


def test_each_gradient_leaves_as_soon_as_it_is_complete(drivers, check, draw):
    plan = plan_of(draw, "naive", 2, steps=2)
    order = plan["models"][0]["order"]
    for rank, step in last_steps(run_plan(check, drivers, plan)):
        phases = {event["numel"]: event["phase"] for event in all_reduces(step)}
        for name, tensor in trained(plan).items():
            check.that(
                phases.get(tensor.numel()) == f"backward {order.index(name)}",
                f"get_ddp: on rank {rank} the gradient of '{name}' was not sent before the backward pass went on to the "
                "layer in front; expected a hook on each parameter that sends its gradient at once",
            )


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_waits_before_the_backward_pass_ends(drivers, check, draw, kind):
    for rank, step in last_steps(run_plan(check, drivers, plan_of(draw, kind, 2, steps=2))):
        check.that(
            not any(e["operation"] == "wait" and e["phase"].startswith("backward") for e in step["events"]),
            f"{WRAPPERS[kind]}: rank {rank} waited for an all-reduce during backward(); expected async_op=True there, "
            "and to wait after it",
        )


@in_float32_and_float64
@pytest.mark.parametrize("world_size", [1, 3])
def test_ranks_train_as_one_process_with_all_their_data(drivers, check, draw, world_size, dtype):
    check_training(check, drivers, plan_of(draw, "individual", world_size, steps=4, dtype=dtype))


def test_a_tied_weight_is_sent_once_when_both_its_gradients_are_there(drivers, check, draw):
    order = ["embed", "inner", "outer", "head"]
    plan = plan_of(draw, "naive", 2, steps=2, order=order, tied={"head": "embed"})
    size = trained(plan)["embed"].numel()
    for rank, step in last_steps(check_training(check, drivers, plan)):
        phases = [event["phase"] for event in all_reduces(step) if event["numel"] == size]
        check.equal(phases, ["backward 0"], who=f"get_ddp, on rank {rank}, as when it sent the tied weight's gradient,")


def test_frozen_parameters_are_not_sent(drivers, check, draw):
    plan = plan_of(draw, "naive", 2, steps=2, frozen=["inner", "shift"])
    check_bytes(check, check_training(check, drivers, plan), plan)


@pytest.mark.beyond_public_course
def test_a_parameter_that_no_rank_uses_waits_for_nobody(drivers, check, draw):
    plan = plan_of(draw, "individual", 2)
    plan["steps"][1]["skipped"] = [["embed", "outer"], ["embed", "outer"]]
    check_training(check, drivers, plan)


def test_a_slow_rank_is_waited_for(drivers, check, draw):
    hint = "the others may not go on before its gradients have arrived"
    check_training(check, drivers, {**plan_of(draw, "individual", 2, steps=1), "slow": 1}, hint=hint)


def test_gradients_add_up_until_they_are_cleared(drivers, check, draw):
    plan = plan_of(draw, "individual", 2)
    plan["steps"][1]["zero_grad"], plan["steps"][2]["zero_grad"] = "keep", "zeros"
    check_training(check, drivers, plan)


def test_what_has_arrived_is_forgotten(drivers, check, draw):
    found = run_plan(check, drivers, plan_of(draw, "naive", 2, steps=3))
    for rank, of_rank in enumerate(found):
        waits = [sum(event["operation"] == "wait" for event in step["events"]) for step in of_rank["steps"]]
        check.that(
            waits[0] == waits[-1],
            f"get_ddp: rank {rank} waited {waits} times in three equal steps; expected the same number in each: let go "
            "of what has arrived",
        )
