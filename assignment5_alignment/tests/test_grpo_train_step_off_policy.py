"""Steps on samples of an older policy: ratios, clipping, and old log-probabilities that stay with their rows."""

import pytest
import torch

from assignment5_alignment.tests import rollout_cases
from assignment5_alignment.tests.train_step_checks import RATE, WHO, check_logged, check_step, scored_rows, step

METHODS = {"noclip": None, "grpo": 0.2, "gspo": 0.2}
TWO_GROUPS = [[1.0, 0.0, 0.25, 0.0], [0.0, 0.5, 0.0, 0.0]]
SPARSE = [[1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 0.0, 0.5], [0.25, 0.0, 0.0, 2.0]]
"""The first group, where the longest response is, has no advantage over its mean."""


def options_of(method, **others):
    return {"importance_reweighting_method": method, "cliprange": METHODS[method], **others}


@pytest.mark.parametrize("accumulation", [1, 4])
@pytest.mark.parametrize("method", METHODS)
def test_the_update_is_that_of_the_batch(drivers, check, draw, method, accumulation):
    case = rollout_cases.drawn(draw, TWO_GROUPS)
    hint = "each microbatch has its own rows of old_log_probs, and GSPO the response's own tokens"
    check_step(drivers, check, case, hint, accumulation, **options_of(method))


@pytest.mark.parametrize("accumulation", [2, 3])
@pytest.mark.parametrize("method", METHODS)
def test_old_log_probabilities_stay_with_their_rows(drivers, check, draw, method, accumulation):
    case = rollout_cases.drawn(draw, SPARSE)
    hint = "where rows are left out, or padded anew, old_log_probs have to follow"
    check_step(drivers, check, case, hint, accumulation, **options_of(method))


@pytest.mark.parametrize("method", METHODS)
def test_any_variant_goes_with_any_method(drivers, check, draw, method):
    case = rollout_cases.drawn(draw, SPARSE)
    variant = {
        "baseline": "none",
        "advantage_normalizer": "mean",
        "loss_normalization": "constant",
        "normalization_constant": 50,
    }
    check_step(drivers, check, case, "", 3, **options_of(method, **variant))


@pytest.mark.parametrize("method", ["grpo", "gspo"])
def test_the_range_is_the_given_one(drivers, check, draw, method):
    case = rollout_cases.drawn(draw, TWO_GROUPS, clip=0.5)
    check_step(drivers, check, case, "", 2, importance_reweighting_method=method, cliprange=0.5)


@pytest.mark.parametrize("method", METHODS)
def test_samples_of_the_policy_itself_are_learned_from_as_on_policy(drivers, check, draw, method):
    case = rollout_cases.drawn(draw, TWO_GROUPS)
    same = rollout_cases.on_policy(case)
    right = rollout_cases.expected(case)
    found = step(drivers, case, gradient_accumulation_steps=2, old_log_probs=same.old_log_probs, **options_of(method))
    for name, weight in case.weights.items():
        after = found["weights"].get(name) if isinstance(found["weights"], dict) else None
        check.that(
            isinstance(after, torch.Tensor) and after.shape == weight.shape, f"{WHO} left {name} with another shape"
        )
        check.close(
            after - weight, RATE * right.change[name], rtol=1e-3, dtype=torch.float32, who=f"{WHO} as the change of {name}",
            hint="where both policies are one, all ratios are 1 and the gradient is that of the plain loss",
        )  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_responses_without_an_advantage_do_not_go_through_the_model(drivers, check, draw, method):
    case = rollout_cases.drawn(draw, SPARSE)
    found = step(drivers, case, gradient_accumulation_steps=3, old_log_probs=case.old_log_probs, **options_of(method))
    seen = sorted({row for rows in scored_rows(check, case, found) for row in rows})
    right = rollout_cases.expected(case, **options_of(method)).scored
    check.equal(seen, right, who=f"{WHO}, as the rollouts that went through the model,")


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("method", ["grpo", "gspo"])
def test_the_share_of_clipped_tokens_is_logged(drivers, check, draw, method):
    case = rollout_cases.drawn(draw, SPARSE)
    found = step(drivers, case, gradient_accumulation_steps=2, old_log_probs=case.old_log_probs, **options_of(method))
    right = rollout_cases.expected(case, **options_of(method))
    check_logged(check, found, "clip_fraction", right.clip_fraction)


@pytest.mark.parametrize("method", METHODS)
def test_a_method_without_what_it_needs_is_refused(drivers, check, draw, method):
    case = rollout_cases.drawn(draw, TWO_GROUPS)
    check.rejects(step, drivers, case, **options_of(method), who=f"{WHO} by {method!r} without old_log_probs")
