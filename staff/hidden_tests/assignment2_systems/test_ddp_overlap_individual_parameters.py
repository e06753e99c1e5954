"""Overlap: random models, each gradient sent in time."""

import pytest

from assignment2_systems.tests.parallel_training import (
    WRAPPERS,
    all_reduces,
    check_bytes,
    check_training,
    plan_of,
    random_plan,
    trained,
)

DEEP = {f"weight{number}": (number + 1, 5) for number in range(9)}


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("kind", ["naive", "individual"])
def test_random_models(drivers, check, draw, kind):
    check_training(check, drivers, random_plan(draw, kind), rtol=1e-10)


@pytest.mark.parametrize("kind", ["naive", "individual"])
def test_each_gradient_leaves_as_soon_as_it_is_complete_and_nobody_waits(drivers, check, draw, kind):
    names = list(DEEP)
    order = [names[place] for place in draw.permutation(len(names)).tolist()]
    plan = plan_of(draw, kind, 3, steps=2, shapes=DEEP, order=order, frozen=[order[4]])
    plan["learning_rate"] = 0.03  # so many layers make much of a difference in the last digit
    found = check_training(check, drivers, plan, rtol=1e-3)
    check_bytes(check, found, plan)
    for rank, of_rank in enumerate(found):
        for step in of_rank["steps"]:
            phases = {event["numel"]: event["phase"] for event in all_reduces(step)}
            for name, tensor in trained(plan).items():
                check.that(
                    phases.get(tensor.numel()) == f"backward {order.index(name)}",
                    f"{WRAPPERS[kind]}: on rank {rank} the gradient of '{name}' was not sent before the backward pass "
                    "went on to the layer in front",
                )
            check.that(
                not any(e["operation"] == "wait" and e["phase"].startswith("backward") for e in step["events"]),
                f"{WRAPPERS[kind]}: rank {rank} waited for an all-reduce during backward()",
            )
