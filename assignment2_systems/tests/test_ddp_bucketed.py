"""Buckets: what goes into each, when each leaves, and the training of one process."""

import pytest
import torch

from assignment2_systems.tests.bucket_plans import check_buckets, check_limits, sized_plan
from assignment2_systems.tests.parallel_training import (
    all_reduces,
    check_bytes,
    check_manners,
    check_start,
    check_training,
    in_float32_and_float64,
    plan_of,
    run_plan,
)

BUCKET_SIZES_MB = {"a_bucket_each": 5e-5, "one_bucket": 1.0}


@in_float32_and_float64
@pytest.mark.parametrize("world_size", [1, 2, 3])
def test_ranks_train_as_one_process_with_all_their_data(drivers, check, draw, world_size, dtype):
    check_training(check, drivers, plan_of(draw, "bucketed", world_size, dtype=dtype))


@pytest.mark.parametrize("size", ["a_bucket_each", "one_bucket"])
def test_small_and_large_buckets_train_alike(drivers, check, draw, size):
    plan = plan_of(draw, "bucketed", 2, steps=2, bucket_size_mb=BUCKET_SIZES_MB[size])
    check_bytes(check, check_training(check, drivers, plan), plan)


@in_float32_and_float64
def test_buckets_are_filled_in_reverse_order_up_to_the_limit(drivers, check, draw, dtype):
    # From the last parameter to the first, in units of 400 bytes with a limit of 2000: 3 2 | 1 4 | 3 | 5 | 4 1
    plan = sized_plan(draw, [1, 4, 5, 3, 4, 1, 2, 3], limit=5, dtype=dtype)
    check_buckets(check, run_plan(check, drivers, plan), [5, 5, 3, 5, 5])


def test_equal_parameters_share_buckets_evenly(drivers, check, draw):
    check_buckets(check, run_plan(check, drivers, sized_plan(draw, [2] * 10, limit=6)), [6, 6, 6, 2])


def test_a_parameter_larger_than_the_limit_travels_alone(drivers, check, draw):
    plan = sized_plan(draw, [1, 1, 7, 1, 2], limit=4)
    found = check_training(check, drivers, plan)
    check_buckets(check, found, [3, 7, 2])


def test_megabytes_are_bytes_and_not_numbers(drivers, check, draw):
    # Numbers of 4 bytes each: 5 units would be one bucket if they were counted as numbers or as 8 bytes.
    plan = sized_plan(draw, [2] * 5, limit=5, dtype=torch.float32)
    check_buckets(check, run_plan(check, drivers, plan), [4, 4, 2])


def test_frozen_parameters_take_no_place(drivers, check, draw):
    plan = sized_plan(draw, [2, 3, 2, 1, 2], limit=4, frozen=["layer2", "layer3"])
    check_buckets(check, check_training(check, drivers, plan), [2, 3, 2])


def test_each_bucket_leaves_when_its_last_gradient_is_complete(drivers, check, draw):
    plan = sized_plan(draw, [2, 2, 2, 2, 2, 2], limit=4)
    for rank, of_rank in enumerate(run_plan(check, drivers, plan)):
        phases = [event["phase"] for event in all_reduces(of_rank["steps"][-1])]
        who = f"get_ddp_bucketed, on rank {rank}, as the layers whose gradients came just before each bucket,"
        check.equal(phases, ["backward 4", "backward 2", "backward 0"], who=who)


@pytest.mark.beyond_public_course
def test_a_bucket_waits_for_those_before_it(drivers, check, draw):
    # The last parameter is used first, so its bucket, the first, is complete when all are.
    order = ["layer4", "layer0", "layer1", "layer2", "layer3"]
    plan = sized_plan(draw, [1, 2, 2, 2, 3], limit=4, order=order)
    found = check_training(check, drivers, plan)
    check_buckets(check, found, [3, 4, 3], phases={"backward 0"})


def test_nobody_waits_before_the_backward_pass_ends(drivers, check, draw):
    for rank, of_rank in enumerate(run_plan(check, drivers, sized_plan(draw, [2] * 6, limit=4))):
        check.that(
            not any(
                event["operation"] == "wait" and event["phase"].startswith("backward")
                for step in of_rank["steps"]
                for event in step["events"]
            ),
            f"get_ddp_bucketed: rank {rank} waited for an all-reduce during backward(); expected async_op=True there, "
            "and to wait after it",
        )


def test_a_slow_rank_is_waited_for(drivers, check, draw):
    hint = "the others may not go on before its gradients have arrived"
    check_training(check, drivers, {**plan_of(draw, "bucketed", 2, steps=1), "slow": 1}, hint=hint)


@pytest.mark.beyond_public_course
def test_dtypes_do_not_mix(drivers, check, draw):
    halves = {"inner": torch.float16, "shift": torch.float16}
    plan = plan_of(draw, "bucketed", 2, steps=1, dtypes=halves)
    found = check_training(check, drivers, plan, rtol=2e-2)
    check_bytes(check, found, plan)
    check_limits(check, found, plan)


def test_parameters_start_as_those_of_rank_0(drivers, check, draw):
    plan = plan_of(draw, "bucketed", 2, steps=0, frozen=["shift"])
    check_start(check, run_plan(check, drivers, plan), plan, ["embed", "shift", "inner", "outer"])


@pytest.mark.beyond_public_course
def test_buffers_start_as_those_of_rank_0(drivers, check, draw):
    plan = plan_of(draw, "bucketed", 2, steps=0, buffers=["seen", "mask"])
    check_start(check, run_plan(check, drivers, plan), plan, ["seen", "mask"])


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("unused", ["inner", "embed"])
def test_a_parameter_that_no_rank_uses_waits_for_nobody(drivers, check, draw, unused):
    plan = plan_of(draw, "bucketed", 2)
    plan["steps"][1]["skipped"] = [[unused], [unused]]
    check_training(check, drivers, plan)


@pytest.mark.beyond_public_course
def test_a_gradient_that_a_rank_does_not_have_is_zero_there(drivers, check, draw):
    plan = plan_of(draw, "bucketed", 3, bucket_size_mb=BUCKET_SIZES_MB["a_bucket_each"])
    plan["steps"][0]["skipped"] = [[], ["inner"], ["outer"]]
    plan["steps"][1]["skipped"] = [["outer"], [], ["outer", "embed"]]
    check_training(check, drivers, plan)


def test_tied_weights_count_once(drivers, check, draw):
    order = ["embed", "shift", "inner", "head", "outer"]
    plan = plan_of(draw, "bucketed", 2, order=order, tied={"head": "embed"})
    check_bytes(check, check_training(check, drivers, plan), plan)


def test_gradients_add_up_until_they_are_cleared(drivers, check, draw):
    plan = plan_of(draw, "bucketed", 2)
    plan["steps"][1]["zero_grad"], plan["steps"][2]["zero_grad"] = "keep", "zeros"
    check_training(check, drivers, plan)


def test_two_forward_passes_may_share_a_backward_pass(drivers, check, draw):
    check_training(check, drivers, plan_of(draw, "bucketed", 2, steps=2, forward_passes=2))


@pytest.mark.parametrize("fact", ["module", "arguments", "modes", "names"])
def test_the_wrapper_behaves_as_the_module(drivers, check, draw, fact):
    check_manners(check, drivers, draw, "bucketed", fact)
