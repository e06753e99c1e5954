"""Dr. GRPO, rejection fine-tuning and MaxRL as options of one step, and responses that need not go through the model."""

import pytest
import torch

from assignment5_alignment.tests import rollout_cases
from assignment5_alignment.tests.train_step_checks import WHO, check_logged, check_step, scored_rows, step

VARIANTS = {
    "grpo_constant": {"baseline": "mean", "advantage_normalizer": "std"},
    "dr_grpo": {"baseline": "mean", "advantage_normalizer": "none"},
    "rft": {"baseline": "none", "advantage_normalizer": "none"},
    "maxrl": {"baseline": "mean", "advantage_normalizer": "mean"},
}
SPREAD = [[1.0, 0.25, 0.75, 0.25], [0.25, 2.0, 0.75, 0.5]]
"""All advantages differ from zero, with and without a baseline."""
SPARSE = [[1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 0.0, 0.5], [0.0, 0.0, 0.0, 0.0]]
"""The first group, where the longest response is, has no advantage over its mean; the last has none at all."""


@pytest.mark.parametrize("accumulation", [1, 4])
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_with_a_constant(drivers, check, draw, variant, accumulation):
    case = rollout_cases.drawn(draw, SPREAD)
    options = {**VARIANTS[variant], "loss_normalization": "constant", "normalization_constant": 40}
    hint = "the sum over all tokens of the batch, divided by the constant once: by no number of microbatches"
    check_step(drivers, check, case, hint, accumulation, **options)


@pytest.mark.parametrize("variant", ["dr_grpo", "rft", "maxrl"])
def test_a_variant_by_sequences(drivers, check, draw, variant):
    check_step(drivers, check, rollout_cases.drawn(draw, SPREAD), accumulation=2, **VARIANTS[variant])


@pytest.mark.parametrize(("normalization", "constant"), [("sequence", None), ("constant", 60)])
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("accumulation", [3, 6])
def test_responses_without_an_advantage_change_nothing(
    drivers, check, draw, variant, normalization, constant, accumulation
):
    case = rollout_cases.drawn(draw, SPARSE)
    options = {**VARIANTS[variant], "loss_normalization": normalization, "normalization_constant": constant}
    hint = "the mean is over all rollouts of the batch, however many went through the model"
    check_step(drivers, check, case, hint, accumulation, **options)


@pytest.mark.parametrize("variant", VARIANTS)
def test_responses_without_an_advantage_do_not_go_through_the_model(drivers, check, draw, variant):
    case = rollout_cases.drawn(draw, SPARSE)
    found = step(drivers, case, gradient_accumulation_steps=3, **VARIANTS[variant])
    calls = scored_rows(check, case, found)
    seen = sorted({row for rows in calls for row in rows})
    right = rollout_cases.expected(case, **VARIANTS[variant]).scored
    hint = "an advantage of zero makes a gradient of zero: spare it the forward and the backward pass"
    check.equal(seen, right, who=f"{WHO}, as the rollouts that went through the model,", hint=hint)
    largest = max(map(len, calls), default=0)
    check.that(largest <= 4, f"{WHO} called the model with {largest} rows; a microbatch has 4")


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("variant", ["grpo_constant", "dr_grpo", "rft"])
def test_without_any_advantage_nothing_happens(drivers, check, draw, variant):
    case = rollout_cases.drawn(draw, [[0.0, 0.0], [0.0, 0.0]])
    options = {**VARIANTS[variant], "loss_normalization": "constant", "normalization_constant": 10}
    found = step(drivers, case, gradient_accumulation_steps=2, max_grad_norm=1.0, **options)
    hint = "all advantages are zero: there is nothing to learn, and nothing to divide by"
    check.equal(found["weights"], case.weights, who=f"{WHO} as the weights afterwards", hint=hint)
    check.equal(found["loss"], torch.tensor(0.0), who=f"{WHO} as the loss", hint=hint)
    check.equal(found["batches"], [], who=f"{WHO} as what went through the model", hint=hint)
    for key in ("grad_norm", "token_entropy", "mean_reward"):
        check_logged(check, found, key, 0.0)


@pytest.mark.beyond_public_course
def test_the_entropy_is_of_what_went_through_the_model(drivers, check, draw):
    case = rollout_cases.drawn(draw, SPARSE)
    found = step(drivers, case, gradient_accumulation_steps=3, **VARIANTS["rft"])
    right = rollout_cases.expected(case, **VARIANTS["rft"])
    check_logged(check, found, "token_entropy", right.token_entropy)
    check_logged(check, found, "grad_norm", right.grad_norm)


def test_the_constant_has_to_be_given(drivers, check, draw):
    case = rollout_cases.drawn(draw, SPREAD)
    check.rejects(step, drivers, case, loss_normalization="constant", who=f"{WHO} without its normalization_constant")
