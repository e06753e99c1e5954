"""Other batches for the variants: one response that is worth anything, pieces that do not come out even, a clipped norm."""

import pytest

from assignment5_alignment.tests import rollout_cases
from assignment5_alignment.tests.train_step_checks import check_step

RFT = {"baseline": "none", "advantage_normalizer": "none"}
UNEVEN = [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.5, 0.25, 0.0], [0.0, 0.0, 0.0]]
"""Four responses of twelve have a reward."""


@pytest.mark.parametrize(("normalization", "constant"), [("sequence", None), ("constant", 75)])
@pytest.mark.parametrize("accumulation", [1, 4])
def test_what_is_left_does_not_fill_the_microbatches(drivers, check, draw, normalization, constant, accumulation):
    case = rollout_cases.drawn(draw, UNEVEN)
    options = {**RFT, "loss_normalization": normalization, "normalization_constant": constant}
    check_step(drivers, check, case, "", accumulation, **options)


def test_one_right_answer_in_the_batch(drivers, check, draw):
    case = rollout_cases.drawn(draw, [[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]])
    check_step(drivers, check, case, "", 4, **RFT)


@pytest.mark.parametrize("normalizer", ["mean", "std"])
def test_eps_reaches_every_normaliser(drivers, check, draw, normalizer):
    case = rollout_cases.drawn(draw, [[1.0, 0.25, 0.75, 0.25], [0.25, 2.0, 0.75, 0.5]])
    check_step(drivers, check, case, "", 2, advantage_normalizer=normalizer, advantage_eps=0.7)


def test_the_clipped_norm_is_of_the_scaled_gradient(drivers, check, draw):
    case = rollout_cases.drawn(draw, UNEVEN)
    options = {"advantage_normalizer": "mean", "loss_normalization": "constant", "normalization_constant": 20}
    limit = 0.6 * rollout_cases.expected(case, **options).grad_norm
    check_step(drivers, check, case, "", 2, max_grad_norm=limit, **options)
