"""Hidden: the same facts at probabilities and baselines that are drawn."""

from assignment5_alignment.tests.coins import variance


def test_variances_at_any_probability(adapters, check, draw):
    for _ in range(12):
        p, n, b = draw.number(0.02, 0.98), draw.integer(1, 5), draw.number(-2, 3)
        found = adapters.run_var_reinforce(p, n)
        check.close(found, variance(p, n, 0), rtol=1e-9, who=f"run_var_reinforce of p = {p:.4f}, n = {n}")
        found = adapters.run_var_baseline(p, n, b)
        check.close(found, variance(p, n, b), rtol=1e-9, who=f"run_var_baseline of p = {p:.4f}, n = {n}, b = {b:.4f}")


def test_a_baseline_of_zero_is_no_baseline(adapters, check, draw):
    p = draw.number(0.1, 0.9)
    check.close(
        adapters.run_var_baseline(p, 7, 0.0), variance(p, 1, 0) / 7, rtol=1e-9, who="run_var_baseline with b = 0"
    )


def test_the_optimal_baseline_at_any_probability(adapters, check, draw):
    for _ in range(5):
        p = draw.number(0.02, 0.98)
        best = adapters.run_optimal_baseline(p)
        fine = type(best) in (int, float) and abs(best) < 100 and variance(p, 1, best) <= 1e-15
        check.that(fine, f"run_optimal_baseline of p = {p:.4f}: the estimator still varies; expected it not to")


def test_the_border_beyond_which_the_mean_reward_is_worse(adapters, check):
    for p in (2 / 3 - 1e-6, 2 / 3 + 1e-6, 0.999, 1e-6):
        expected = variance(p, 1, p) < variance(p, 1, 0)
        check.equal(adapters.run_baseline_lower(p), expected, who=f"run_baseline_lower of p = {p:.7f}")


def test_equal_variances_are_not_lower(adapters, check):
    """A policy that is always right has no variance, with or without a baseline."""
    check.equal(adapters.run_baseline_lower(1.0), False, who="run_baseline_lower of p = 1")
