"""Data parallelism: the same start, the mean of the gradients, and a wrapper that stays out of the way."""

import pytest
import torch

from assignment2_systems.tests.parallel_training import (
    check_bytes,
    check_manners,
    check_start,
    check_training,
    in_float32_and_float64,
    plan_of,
    run_plan,
)


@in_float32_and_float64
@pytest.mark.parametrize("world_size", [1, 2, 3])
def test_ranks_train_as_one_process_with_all_their_data(drivers, check, draw, world_size, dtype):
    check_training(check, drivers, plan_of(draw, "naive", world_size, dtype=dtype))


def test_parameters_start_as_those_of_rank_0(drivers, check, draw):
    plan = plan_of(draw, "naive", 3, steps=0, frozen=["shift"])
    check_start(check, run_plan(check, drivers, plan), plan, ["embed", "shift", "inner", "outer"])


@pytest.mark.beyond_public_course
def test_buffers_start_as_those_of_rank_0(drivers, check, draw):
    plan = plan_of(draw, "naive", 2, steps=0, buffers=["seen", "mask"])
    check_start(check, run_plan(check, drivers, plan), plan, ["seen", "mask"])


def test_frozen_parameters_stay_as_they_are(drivers, check, draw):
    check_training(check, drivers, plan_of(draw, "naive", 2, steps=2, frozen=["embed", "inner"]))


def test_tied_weights_are_averaged_once(drivers, check, draw):
    order = ["embed", "shift", "inner", "outer", "head"]
    plan = plan_of(draw, "naive", 3, steps=2, order=order, tied={"head": "embed"})
    check_bytes(check, check_training(check, drivers, plan), plan)


@pytest.mark.beyond_public_course
def test_a_parameter_that_no_rank_uses_waits_for_nobody(drivers, check, draw):
    check_training(check, drivers, plan_of(draw, "naive", 2, steps=2, order=["embed", "shift", "outer"]))


def test_a_parameter_may_be_left_out_for_a_step(drivers, check, draw):
    plan = plan_of(draw, "naive", 2)
    plan["steps"][1]["skipped"] = [["inner"], ["inner"]]
    check_training(check, drivers, plan)


def test_a_slow_rank_is_waited_for(drivers, check, draw):
    hint = "the others may not go on before its gradients have arrived"
    check_training(check, drivers, {**plan_of(draw, "naive", 2, steps=1), "slow": 1}, hint=hint)


def test_gradients_add_up_until_they_are_cleared(drivers, check, draw):
    plan = plan_of(draw, "naive", 3)
    plan["steps"][1]["zero_grad"] = plan["steps"][2]["zero_grad"] = "keep"
    hint = "the second backward pass adds to the mean of the first, and so does its mean"
    check_training(check, drivers, plan, hint=hint)


def test_gradients_may_be_cleared_to_zeros(drivers, check, draw):
    plan = plan_of(draw, "naive", 2)
    for step in plan["steps"]:
        step["zero_grad"] = "zeros"
    check_training(check, drivers, plan)


def test_two_forward_passes_may_share_a_backward_pass(drivers, check, draw):
    check_training(check, drivers, plan_of(draw, "naive", 2, steps=2, forward_passes=2))


@pytest.mark.beyond_public_course
def test_half_precision_is_sent_as_it_is(drivers, check, draw):
    plan = plan_of(draw, "naive", 2, steps=1, dtypes={"inner": torch.float16, "outer": torch.float16})
    found = check_training(check, drivers, plan, rtol=2e-2)
    check_bytes(check, found, plan)


@pytest.mark.parametrize("fact", ["module", "arguments", "modes", "names"])
def test_the_wrapper_behaves_as_the_module(drivers, check, draw, fact):
    check_manners(check, drivers, draw, "naive", fact)
