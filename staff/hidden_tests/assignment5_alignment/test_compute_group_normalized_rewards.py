"""Advantages of rewards that are right or wrong, of large groups, and of rewards that hardly differ."""

import pytest
import torch

WHO = "run_compute_group_normalized_rewards"


@pytest.mark.parametrize("group_size", [2, 8, 40])
def test_right_and_wrong_answers(adapters, check, draw, group_size):
    right = draw.boolean(3, group_size)
    right[:, 0], right[:, 1] = True, False
    rewards = right.float().flatten()
    groups = rewards.double().view(-1, group_size)
    mean, std = groups.mean(1, keepdim=True), groups.std(1, keepdim=True)
    for normalizer, scale in (("std", std + 1e-6), ("mean", mean + 1e-6), ("none", torch.ones_like(mean))):
        found, _ = adapters.run_compute_group_normalized_rewards(rewards, group_size, "mean", 1e-6, normalizer)
        check.close(found, ((groups - mean) / scale).flatten(), rtol=1e-4, dtype=torch.float32, who=WHO)
        found, _ = adapters.run_compute_group_normalized_rewards(rewards, group_size, "none", 1e-6, normalizer)
        check.close(found, (groups / scale).flatten(), rtol=1e-4, dtype=torch.float32, who=WHO)


def test_one_group_is_the_whole_batch(adapters, check, draw):
    rewards = draw.normal(30)
    found, _ = adapters.run_compute_group_normalized_rewards(rewards, 30, "mean", 0.25, "std")
    exact = rewards.double()
    expected = (exact - exact.mean()) / (exact.std() + 0.25)
    check.close(found, expected, rtol=1e-4, dtype=torch.float32, who=WHO)


def test_questions_nobody_answered_rightly_and_everybody(adapters, check):
    rewards = torch.tensor([0.0] * 8 + [1.0] * 8 + [1.0] + [0.0] * 7)
    found, _ = adapters.run_compute_group_normalized_rewards(rewards, 8, "mean", 1e-6, "mean")
    expected = torch.tensor([0.0] * 16 + [7.0] + [-1.0] * 7, dtype=torch.float64)
    check.close(found, expected, rtol=1e-4, dtype=torch.float32, who=WHO)


def test_groups_of_very_different_size(adapters, check, draw):
    rewards = torch.cat([draw.normal(6, scale=1e-2), 50 + draw.normal(6, scale=10.0)])
    for eps in (1e-6, 0.1):
        found, _ = adapters.run_compute_group_normalized_rewards(rewards, 6, "mean", eps, "std")
        groups = rewards.double().view(2, 6)
        expected = (groups - groups.mean(1, keepdim=True)) / (groups.std(1, keepdim=True) + eps)
        check.close(found, expected.flatten(), rtol=1e-3, dtype=torch.float32, who=WHO)


def test_rewards_without_a_baseline_keep_their_sign(adapters, check, draw):
    rewards = draw.uniform(12, low=0.5, high=1.5) * torch.where(torch.arange(12) % 3 == 0, -1.0, 1.0)
    found, _ = adapters.run_compute_group_normalized_rewards(rewards, 4, "none", 1e-6, "none")
    check.close(found, rewards.double(), rtol=1e-6, dtype=torch.float32, who=WHO)
