"""The objective whose gradient the importance ratios estimate, on policies small enough to sum over every text."""

import pytest
import torch

from assignment5_alignment.tests.surrogates import (
    WHO,
    check_gradients,
    check_surrogate,
    drawn_policy,
    drawn_rewards,
    expected_surrogate,
)


@pytest.mark.parametrize(("vocabulary", "length"), [(2, 1), (2, 2), (3, 2), (2, 4), (3, 3)])
def test_every_text_summed(drivers, check, draw, vocabulary, length):
    pi, pi0 = drawn_policy(draw, vocabulary, length), drawn_policy(draw, vocabulary, length)
    for k in range(1, length + 1):
        check_surrogate(check, drivers, pi, pi0, drawn_rewards(draw, vocabulary, length), k)


def test_all_positions_at_once_are_the_objective_itself(drivers, check, draw):
    pi, pi0, rewards = drawn_policy(draw, 2, 3), drawn_policy(draw, 2, 3), drawn_rewards(draw, 2, 3)
    joint = pi[0][:, None, None] * pi[1][:, :, None] * pi[2]
    found = drivers.surrogate(pi, pi0, rewards, 3)
    check.close(found["value"], (joint * rewards).sum(), rtol=1e-9, who=f"{WHO} with k = 3 of 3 positions")


def test_at_the_old_policy_the_gradient_is_the_policy_gradient(drivers, check, draw):
    """One position at a time: from there on the two part, and that is what clipping is for."""
    pi, rewards = drawn_policy(draw, 3, 3), drawn_rewards(draw, 3, 3)
    found = drivers.surrogate(pi, pi, rewards, 1)
    _, gradients = expected_surrogate(pi, drawn_policy(draw, 3, 3), rewards, 3)  # k = 3: the old policy plays no part
    check_gradients(check, found, gradients, f"{WHO} at pi = pi0 with k = 1")


@pytest.mark.parametrize("k", [0, 4, -1])
def test_as_many_positions_as_there_are(drivers, check, draw, k):
    pi, rewards = drawn_policy(draw, 2, 3), drawn_rewards(draw, 2, 3)
    check.rejects(drivers.surrogate, pi, pi, rewards, k, who=f"{WHO} with k = {k} of 3 positions")


def test_single_precision_stays(drivers, check, draw):
    pi, pi0, rewards = drawn_policy(draw, 2, 3), drawn_policy(draw, 2, 3), drawn_rewards(draw, 2, 3)
    value, _ = expected_surrogate(pi, pi0, rewards, 2)
    found = drivers.surrogate([t.float() for t in pi], [t.float() for t in pi0], rewards.float(), 2)
    check.close(found["value"], value, rtol=1e-4, who=f"{WHO} in single precision", dtype=torch.float32)
