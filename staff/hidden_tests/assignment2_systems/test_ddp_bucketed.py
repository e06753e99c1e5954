"""Buckets: random sizes and limits, random models, and ranks that use different parameters."""

import pytest
import torch

from assignment2_systems.tests.bucket_plans import check_buckets, check_limits, filled, sized_plan
from assignment2_systems.tests.parallel_training import (
    check_bytes,
    check_manners,
    check_start,
    check_training,
    in_float32_and_float64,
    plan_of,
    random_plan,
    run_plan,
)


@in_float32_and_float64
@pytest.mark.parametrize("number", range(3))
def test_random_sizes_fill_buckets(drivers, check, draw, number, dtype):
    sizes, limit = draw.integers(1, 7, draw.integer(6, 12)).tolist(), draw.integer(3, 10)
    found = run_plan(check, drivers, sized_plan(draw, sizes, limit, dtype=dtype))
    check_buckets(check, found, filled(sizes, limit))


@pytest.mark.beyond_public_course
def test_buckets_of_half_precision(drivers, check, draw):
    sizes, limit = [2, 1, 1, 2, 3, 1], 4
    plan = sized_plan(draw, sizes, limit, dtype=torch.float16)
    check_buckets(check, run_plan(check, drivers, plan), filled(sizes, limit))


@pytest.mark.beyond_public_course
def test_random_order_of_use(drivers, check, draw):
    sizes, limit = draw.integers(1, 4, 8).tolist(), 5
    order = [f"layer{place}" for place in draw.permutation(8).tolist()]
    plan = sized_plan(draw, sizes, limit, order=order)
    check_buckets(check, check_training(check, drivers, plan), filled(sizes, limit))


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("number", range(3))
def test_random_models_on_ranks_that_use_different_parameters(drivers, check, draw, number):
    plan = random_plan(draw, "bucketed", uneven=True)
    found = check_training(check, drivers, plan, rtol=1e-10)
    check_bytes(check, found, plan)
    check_limits(check, found, plan)


@pytest.mark.beyond_public_course
def test_dtypes_do_not_mix(drivers, check, draw):
    dtypes = {"embed": torch.float32, "shift": torch.float16, "inner": torch.float64, "outer": torch.float32}
    plan = plan_of(draw, "bucketed", 3, steps=1, dtypes=dtypes, bucket_size_mb=draw.number(2e-4, 4e-4))
    found = check_training(check, drivers, plan, rtol=2e-2)
    check_bytes(check, found, plan)
    check_limits(check, found, plan)


@pytest.mark.beyond_public_course
def test_everything_starts_as_on_rank_0(drivers, check, draw):
    plan = plan_of(draw, "bucketed", 3, steps=0, frozen=["outer"], buffers=["a", "b"])
    check_start(check, run_plan(check, drivers, plan), plan, ["embed", "shift", "inner", "outer", "a", "b"])


@pytest.mark.parametrize("fact", ["arguments", "modes"])
def test_the_wrapper_behaves_as_the_module(drivers, check, draw, fact):
    check_manners(check, drivers, draw, "bucketed", fact)
