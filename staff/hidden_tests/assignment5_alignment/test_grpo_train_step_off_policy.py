"""Other ranges, rows of other lengths, and every second response left out."""

import pytest

from assignment5_alignment.tests import rollout_cases
from assignment5_alignment.tests.train_step_checks import check_step

GAPS = [[0.0, 1.0, 0.0, 0.5], [0.0, 0.25, 0.0, 1.5], [0.0, 0.0, 0.0, 0.75]]


@pytest.mark.parametrize("method", ["noclip", "grpo", "gspo"])
@pytest.mark.parametrize("accumulation", [2, 6])
def test_every_second_response_is_left_out(drivers, check, draw, method, accumulation):
    case = rollout_cases.drawn(draw, GAPS, clip=0.1)
    options = {"baseline": "none", "advantage_normalizer": "none", "importance_reweighting_method": method}
    check_step(drivers, check, case, "", accumulation, cliprange=0.1, **options)


@pytest.mark.parametrize("method", ["grpo", "gspo"])
def test_a_range_that_nothing_leaves(drivers, check, draw, method):
    case = rollout_cases.drawn(draw, [[1.0, 0.0, 0.25, 0.0], [0.0, 0.5, 0.0, 0.0]])
    check_step(drivers, check, case, "", 4, importance_reweighting_method=method, cliprange=0.95)


@pytest.mark.parametrize("method", ["noclip", "grpo", "gspo"])
def test_a_constant_and_a_clipped_norm(drivers, check, draw, method):
    case = rollout_cases.drawn(draw, [[1.0, 0.0, 0.25], [0.0, 0.5, 2.0], [0.5, 0.5, 0.5]])
    options = {
        "importance_reweighting_method": method,
        "cliprange": 0.2,
        "advantage_normalizer": "none",
        "loss_normalization": "constant",
        "normalization_constant": 30,
    }
    limit = 0.7 * rollout_cases.expected(case, **options).grad_norm
    check_step(drivers, check, case, "", 3, max_grad_norm=limit, **options)
