"""One message: all gradients of a dtype in one all-reduce, and the training of one process."""

import pytest
import torch

from assignment2_systems.tests.parallel_training import (
    all_reduces,
    check_bytes,
    check_manners,
    check_start,
    check_training,
    plan_of,
    run_plan,
)

HALVES = {"inner": torch.float16, "outer": torch.float16}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("world_size", [1, 2, 3])
def test_ranks_train_as_one_process_with_all_their_data(drivers, check, draw, world_size, dtype):
    check_training(check, drivers, plan_of(draw, "flat", world_size, dtype=dtype))


@pytest.mark.parametrize(("dtypes", "count"), [({}, 1), (HALVES, 2)], ids=["one_dtype", "two_dtypes"])
def test_a_step_has_one_all_reduce_for_each_dtype(drivers, check, draw, dtypes, count):
    found = run_plan(check, drivers, plan_of(draw, "flat", 2, dtypes=dtypes))
    for rank, of_rank in enumerate(found):
        for number, step in enumerate(of_rank["steps"], start=1):
            who = f"get_ddp_flat, on rank {rank} in step {number}, as the number of all-reduces,"
            check.equal(len(all_reduces(step)), count, who=who, hint="one for each dtype among the parameters")


def test_every_gradient_is_sent_once_in_its_own_dtype(drivers, check, draw):
    plan = plan_of(draw, "flat", 2, dtypes=HALVES, frozen=["shift"], tied={"head": "embed"})
    check_bytes(check, run_plan(check, drivers, plan), plan)


def test_gradients_of_two_dtypes_are_averaged(drivers, check, draw):
    check_training(check, drivers, plan_of(draw, "flat", 2, steps=1, dtypes=HALVES), rtol=2e-2)


def test_parameters_and_buffers_start_as_those_of_rank_0(drivers, check, draw):
    plan = plan_of(draw, "flat", 2, steps=0, frozen=["shift"], buffers=["seen"])
    check_start(check, run_plan(check, drivers, plan), plan, ["embed", "shift", "inner", "outer", "seen"])


def test_frozen_and_tied_parameters(drivers, check, draw):
    order = ["embed", "shift", "inner", "head"]
    plan = plan_of(draw, "flat", 2, steps=2, order=order, tied={"head": "embed"}, frozen=["shift"])
    check_training(check, drivers, plan)


def test_a_parameter_that_no_rank_uses_waits_for_nobody(drivers, check, draw):
    plan = plan_of(draw, "flat", 2)
    plan["steps"][1]["skipped"] = [["inner", "shift"], ["inner", "shift"]]
    check_training(check, drivers, plan)


def test_a_gradient_that_a_rank_does_not_have_is_zero_there(drivers, check, draw):
    plan = plan_of(draw, "flat", 3)
    plan["steps"][0]["skipped"] = [[], ["inner"], ["outer", "embed"]]
    plan["steps"][1]["skipped"] = [["outer"], [], ["outer"]]
    check_training(check, drivers, plan)


def test_a_slow_rank_is_waited_for(drivers, check, draw):
    hint = "the others may not go on before its gradients have arrived"
    check_training(check, drivers, {**plan_of(draw, "flat", 2, steps=1), "slow": 1}, hint=hint)


def test_gradients_add_up_until_they_are_cleared(drivers, check, draw):
    plan = plan_of(draw, "flat", 2)
    plan["steps"][1]["zero_grad"], plan["steps"][2]["zero_grad"] = "keep", "zeros"
    check_training(check, drivers, plan)


@pytest.mark.parametrize("fact", ["module", "arguments", "modes", "names"])
def test_the_wrapper_behaves_as_the_module(drivers, check, draw, fact):
    check_manners(check, drivers, draw, "flat", fact)
