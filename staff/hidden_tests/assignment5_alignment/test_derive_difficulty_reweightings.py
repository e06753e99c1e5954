"""Hidden: the same weights at difficulties that are drawn, and at extremes."""

import math

import pytest

from assignment5_alignment.tests.coins import expectation_by_counts

WHO = "run_difficulty_weight"


@pytest.mark.parametrize("kind", ["drgrpo", "grpo", "maxrl"])
def test_large_groups_come_close_at_any_difficulty(adapters, check, draw, kind):
    for _ in range(3):
        eta = draw.number(0.1, 0.9)
        near = expectation_by_counts(kind, eta, 500) / (eta * (1 - eta))
        check.close(
            adapters.run_difficulty_weight(kind, eta), near, rtol=0.02, who=f"{WHO} of {kind!r}, eta = {eta:.4f}"
        )


def test_weights_at_any_difficulty(adapters, check, draw):
    for _ in range(8):
        eta = draw.number(0.001, 0.999)
        for kind, power in (("drgrpo", 0.0), ("grpo", None), ("maxrl", -1.0)):
            expected = 1 / math.sqrt(eta - eta * eta) if power is None else eta**power
            found = adapters.run_difficulty_weight(kind, eta)
            check.close(found, expected, rtol=1e-9, who=f"{WHO} of {kind!r}, eta = {eta:.4f}")


def test_questions_that_are_almost_never_answered(adapters, check):
    for kind, expected in (("drgrpo", 1.0), ("grpo", 1e4), ("maxrl", 1e8)):
        found = adapters.run_difficulty_weight(kind, 1e-8)
        check.close(found, expected, rtol=1e-6, who=f"{WHO} of {kind!r}, eta = 1e-8", hint="nothing is clipped")


def test_nan_is_no_probability(adapters, check):
    for kind in ("drgrpo", "grpo", "maxrl"):
        check.rejects(adapters.run_difficulty_weight, kind, math.nan, who=f"{WHO} of {kind!r}, eta = nan")
