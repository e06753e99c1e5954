"""What a normaliser makes of easy and hard questions: the limit of what enumeration gives for large groups."""

import math

import pytest

from assignment5_alignment.tests.coins import expectation_by_counts

WHO = "run_difficulty_weight"
KINDS = ("drgrpo", "grpo", "maxrl")


@pytest.mark.parametrize("eta", [0.1, 0.35, 0.5, 0.8])
@pytest.mark.parametrize("kind", KINDS)
def test_large_groups_come_close(adapters, check, kind, eta):
    """The expected gradient over dη/dθ, of groups of 400: what is left of the distance falls as one over their size."""
    near = expectation_by_counts(kind, eta, 400) / (eta * (1 - eta))
    check.close(adapters.run_difficulty_weight(kind, eta), near, rtol=0.02, who=f"{WHO} of {kind!r}, eta = {eta}")


@pytest.mark.parametrize("eta", [0.02, 0.3, 0.5, 0.77, 0.99])
def test_without_a_normaliser_all_questions_count_alike(adapters, check, eta):
    check.close(adapters.run_difficulty_weight("drgrpo", eta), 1.0, rtol=1e-9, who=f"{WHO} of 'drgrpo', eta = {eta}")


@pytest.mark.parametrize("eta", [0.02, 0.3, 0.5, 0.77, 0.99])
def test_the_standard_deviation_favours_both_ends(adapters, check, eta):
    low, high = adapters.run_difficulty_weight("grpo", eta), adapters.run_difficulty_weight("grpo", 1 - eta)
    expected = (eta - eta**2) ** -0.5
    check.close(low, expected, rtol=1e-9, who=f"{WHO} of 'grpo', eta = {eta}")
    check.close(high, expected, rtol=1e-9, who=f"{WHO} of 'grpo', eta = {1 - eta}", hint="both ends alike")


@pytest.mark.parametrize("eta", [0.02, 0.3, 0.5, 0.77, 0.99])
def test_the_mean_favours_what_hardly_ever_succeeds(adapters, check, eta):
    """η · w(η) · d log η/dθ has a weight of one: the gradient of log η, which is maximum likelihood."""
    found = adapters.run_difficulty_weight("maxrl", eta)
    check.close(found, math.exp(-math.log(eta)), rtol=1e-9, who=f"{WHO} of 'maxrl', eta = {eta}")


@pytest.mark.parametrize("eta", [0.0, 1.0, -0.2, 1.5])
def test_what_is_no_probability_between_is_refused(adapters, check, eta):
    for kind in KINDS:
        check.rejects(adapters.run_difficulty_weight, kind, eta, who=f"{WHO} of {kind!r}, eta = {eta}")


def test_another_kind_is_refused(adapters, check):
    check.rejects(adapters.run_difficulty_weight, "dapo", 0.5, who=f"{WHO} of 'dapo'")
