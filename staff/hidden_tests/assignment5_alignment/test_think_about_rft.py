"""Hidden: the same expectations at probabilities and sizes that are drawn."""

import pytest

from assignment5_alignment.tests.coins import expectation, expectation_by_counts

WHO = "run_expected_gradient"
KINDS = ("rft", "rft_kept", "drgrpo", "grpo", "maxrl")


@pytest.mark.parametrize("kind", KINDS)
def test_any_probability_and_size(adapters, check, draw, kind):
    for _ in range(4):
        p, size = draw.number(0.05, 0.95), draw.integer(2, 10)
        found = adapters.run_expected_gradient(kind, p, size)
        check.close(
            found, expectation(kind, p, size), rtol=1e-9, who=f"{WHO} of {kind!r}, p = {p:.4f}, groups of {size}"
        )


@pytest.mark.parametrize("kind", KINDS)
def test_large_groups(adapters, check, draw, kind):
    p, size = draw.number(0.2, 0.8), draw.integer(100, 200)
    expected = expectation_by_counts(kind, p, size)
    found = adapters.run_expected_gradient(kind, p, size)
    check.close(found, expected, rtol=1e-8, who=f"{WHO} of {kind!r}, p = {p:.4f}, groups of {size}")


def test_hardly_ever_right(adapters, check):
    """What is kept is worth G times as much as a mean over the group, where one answer at most is right."""
    for kind in ("rft", "rft_kept", "drgrpo", "grpo"):
        found = adapters.run_expected_gradient(kind, 0.001, 8)
        check.close(found, expectation(kind, 0.001, 8), rtol=1e-8, who=f"{WHO} of {kind!r}, p = 0.001, groups of 8")
