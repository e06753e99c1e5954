"""Variances of the estimator with and without a baseline, against the enumeration of all groups of answers."""

import pytest

from assignment5_alignment.tests.coins import variance

PROBABILITIES = [0.05, 0.3, 0.5, 0.62, 0.9]


@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize("p", PROBABILITIES)
def test_variance_without_a_baseline(adapters, check, p, n):
    found = adapters.run_var_reinforce(p, n)
    check.close(found, variance(p, n, 0), rtol=1e-9, who=f"run_var_reinforce of p = {p}, n = {n}")


@pytest.mark.parametrize("b", [0.25, 0.5, -1.5, 2.0])
@pytest.mark.parametrize("p", PROBABILITIES)
def test_variance_with_a_baseline(adapters, check, p, b):
    for n in (1, 3):
        found = adapters.run_var_baseline(p, n, b)
        check.close(found, variance(p, n, b), rtol=1e-9, who=f"run_var_baseline of p = {p}, n = {n}, b = {b}")


@pytest.mark.parametrize("p", PROBABILITIES)
def test_the_mean_reward_as_a_baseline(adapters, check, p):
    found = adapters.run_var_baseline(p, 2, p)
    if p == 0.5:
        check.that(abs(found) <= 1e-15, "run_var_baseline of p = 0.5 with b = 0.5 is not 0; expected nothing to vary")
    else:
        check.close(found, variance(p, 2, p), rtol=1e-9, who=f"run_var_baseline of p = {p} with b = p")


@pytest.mark.parametrize("p", PROBABILITIES)
def test_at_the_optimal_baseline_nothing_varies(adapters, check, p):
    """Of two answers a constant baseline can take all variance away; enumeration says where."""
    best = adapters.run_optimal_baseline(p)
    check.that(
        type(best) in (int, float) and abs(best) < 100 and variance(p, 1, best) <= 1e-15,
        f"run_optimal_baseline of p = {p}: with the baseline it returned the estimator still varies; expected it not to",
    )


@pytest.mark.parametrize("p", PROBABILITIES)
def test_the_variance_at_the_optimal_baseline_is_nothing(adapters, check, p):
    found = adapters.run_var_baseline(p, 1, adapters.run_optimal_baseline(p))
    check.that(abs(found) <= 1e-15, f"run_var_baseline of p = {p} at the optimal baseline is not 0; expected 0")


@pytest.mark.parametrize("p", [0.01, 0.2, 0.4, 0.5, 0.6, 0.66, 0.67, 0.7, 0.95])
def test_when_the_mean_reward_is_better_than_no_baseline(adapters, check, p):
    expected = variance(p, 1, p) < variance(p, 1, 0)
    check.equal(adapters.run_baseline_lower(p), expected, who=f"run_baseline_lower of p = {p}")


def test_more_answers_have_a_variance_that_is_smaller_by_their_number(adapters, check):
    for n in (10, 1000):
        check.close(adapters.run_var_reinforce(0.3, n), variance(0.3, 1, 0) / n, rtol=1e-9, who="run_var_reinforce")
        check.close(
            adapters.run_var_baseline(0.3, n, 0.4), variance(0.3, 1, 0.4) / n, rtol=1e-9, who="run_var_baseline"
        )
