"""Data parallelism: random models, where parameters are frozen, tied, used twice or not at all."""

import pytest
import torch

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


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("number", range(4))
def test_random_models(drivers, check, draw, number):
    check_training(check, drivers, random_plan(draw, "naive"), rtol=1e-10)


@in_float32_and_float64
def test_four_ranks(drivers, check, draw, dtype):
    check_training(check, drivers, plan_of(draw, "naive", 4, steps=2, dtype=dtype))


@pytest.mark.beyond_public_course
def test_everything_starts_as_on_rank_0(drivers, check, draw):
    plan = plan_of(draw, "naive", 4, steps=0, frozen=["outer", "embed"], buffers=["a", "b"])
    check_start(check, run_plan(check, drivers, plan), plan, ["embed", "shift", "inner", "outer", "a", "b"])


@pytest.mark.beyond_public_course
def test_a_dtype_of_its_own_for_each_parameter(drivers, check, draw):
    dtypes = {"embed": torch.float32, "shift": torch.float16, "inner": torch.float64, "outer": torch.float32}
    plan = plan_of(draw, "naive", 3, steps=1, dtypes=dtypes)
    check_bytes(check, check_training(check, drivers, plan, rtol=2e-2), plan)


@pytest.mark.parametrize("fact", ["arguments", "modes", "names"])
def test_the_wrapper_behaves_as_the_module(drivers, check, draw, fact):
    check_manners(check, drivers, draw, "naive", fact)
