"""One message: random models, and ranks that use different parameters."""

import pytest
import torch

from assignment2_systems.tests.parallel_training import (
    all_reduces,
    check_bytes,
    check_start,
    check_training,
    plan_of,
    random_plan,
    run_plan,
)


@pytest.mark.parametrize("number", range(3))
def test_random_models_on_ranks_that_use_different_parameters(drivers, check, draw, number):
    plan = random_plan(draw, "flat", uneven=True)
    found = check_training(check, drivers, plan, rtol=1e-10)
    check_bytes(check, found, plan)
    for step in found[0]["steps"]:
        check.equal(len(all_reduces(step)), 1, who="get_ddp_flat, as the number of all-reduces in a step,")


def test_everything_starts_as_on_rank_0(drivers, check, draw):
    plan = plan_of(draw, "flat", 3, steps=0, frozen=["outer"], buffers=["a", "b"])
    check_start(check, run_plan(check, drivers, plan), plan, ["embed", "shift", "inner", "outer", "a", "b"])


def test_three_dtypes_make_three_messages(drivers, check, draw):
    dtypes = {"embed": torch.float32, "shift": torch.float16, "inner": torch.float64, "outer": torch.float32}
    plan = plan_of(draw, "flat", 2, steps=1, dtypes=dtypes)
    found = check_training(check, drivers, plan, rtol=2e-2)
    check_bytes(check, found, plan)
    check.equal(len(all_reduces(found[1]["steps"][0])), 3, who="get_ddp_flat, as the number of all-reduces in a step,")
