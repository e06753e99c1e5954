"""Expectations of five estimators over all groups of answers, against enumeration."""

import pytest

from assignment5_alignment.tests.coins import expectation, expectation_by_counts

WHO = "run_expected_gradient"
KINDS = ("rft", "rft_kept", "drgrpo", "grpo", "maxrl")


@pytest.mark.parametrize("p", [0.1, 0.5, 0.75])
@pytest.mark.parametrize("kind", KINDS)
def test_every_group_enumerated(adapters, check, kind, p):
    for size in (2, 3, 8):
        found = adapters.run_expected_gradient(kind, p, size)
        check.close(found, expectation(kind, p, size), rtol=1e-9, who=f"{WHO} of {kind!r}, p = {p}, groups of {size}")


@pytest.mark.parametrize("kind", KINDS)
def test_groups_too_large_to_enumerate(adapters, check, kind):
    for p, size in ((0.03, 64), (0.6, 128)):
        found = adapters.run_expected_gradient(kind, p, size)
        expected = expectation_by_counts(kind, p, size)
        check.close(found, expected, rtol=1e-9, who=f"{WHO} of {kind!r}, p = {p}, groups of {size}")


def test_keeping_what_was_right_is_the_policy_gradient(adapters, check):
    """dp/dθ is p(1 − p), whatever the size of a group."""
    for p in (0.2, 0.5, 0.9):
        for size in (1, 4, 32):
            found = adapters.run_expected_gradient("rft", p, size)
            check.close(found, p * (1 - p), rtol=1e-9, who=f"{WHO} of 'rft', p = {p}, groups of {size}")


@pytest.mark.parametrize("kind", ["drgrpo", "grpo", "maxrl"])
def test_a_group_of_one_says_nothing(adapters, check, kind):
    found = adapters.run_expected_gradient(kind, 0.3, 1)
    check.that(abs(found) <= 1e-12, f"{WHO} of {kind!r}, groups of one, is not 0; expected no answer to stand out")


def test_another_kind_is_refused(adapters, check):
    check.rejects(adapters.run_expected_gradient, "ppo", 0.5, 4, who=f"{WHO} of 'ppo'")
