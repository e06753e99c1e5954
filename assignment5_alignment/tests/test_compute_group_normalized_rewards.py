"""Advantages: within each group of neighbours, by either baseline and any of three scales."""

import pytest
import torch

WHO = "run_compute_group_normalized_rewards"
BASELINES = ["mean", "none"]
NORMALIZERS = ["std", "mean", "none"]


def expected_advantages(rewards, group_size, baseline, eps, normalizer):
    """Group by group, with Python's own arithmetic."""
    found = []
    values = rewards.double().tolist()
    for start in range(0, len(values), group_size):
        group = values[start : start + group_size]
        mean = sum(group) / group_size
        variance = sum((value - mean) ** 2 for value in group) / (group_size - 1)
        scale = {"std": variance**0.5 + eps, "mean": mean + eps, "none": 1.0}[normalizer]
        found += [(value - (mean if baseline == "mean" else 0.0)) / scale for value in group]
    return torch.tensor(found, dtype=torch.float64)


def drawn(draw, groups, group_size):
    """Rewards above zero; each group has a size and a spread of its own, so that nothing of another group fits it."""
    spread = torch.linspace(0.2, 2.0, groups).unsqueeze(1)
    return (spread * (0.3 + draw.uniform(groups, group_size))).flatten()


@pytest.mark.parametrize("normalizer", NORMALIZERS)
@pytest.mark.parametrize("baseline", BASELINES)
def test_advantages_are_of_the_group(adapters, check, draw, baseline, normalizer):
    rewards = drawn(draw, groups=4, group_size=5)
    found, _ = adapters.run_compute_group_normalized_rewards(rewards, 5, baseline, 1e-6, normalizer)
    expected = expected_advantages(rewards, 5, baseline, 1e-6, normalizer)
    check.close(found, expected, rtol=1e-4, dtype=torch.float32, who=WHO)


def test_the_baseline_is_the_mean_and_the_scale_the_standard_deviation_by_default(adapters, check, draw):
    rewards = drawn(draw, groups=3, group_size=4)
    found, _ = adapters.run_compute_group_normalized_rewards(rewards, 4)
    expected = expected_advantages(rewards, 4, "mean", 1e-6, "std")
    check.close(found, expected, rtol=1e-4, dtype=torch.float32, who=WHO)


@pytest.mark.parametrize("normalizer", ["std", "mean"])
@pytest.mark.parametrize("eps", [0.5, 1e-3])
def test_eps_is_added_to_what_divides(adapters, check, draw, eps, normalizer):
    rewards = drawn(draw, groups=3, group_size=4)
    found, _ = adapters.run_compute_group_normalized_rewards(rewards, 4, "mean", eps, normalizer)
    expected = expected_advantages(rewards, 4, "mean", eps, normalizer)
    hint = "divide by the scale + advantage_eps, with nothing under the root"
    check.close(found, expected, rtol=1e-4, dtype=torch.float32, who=WHO, hint=hint)


def test_neighbours_are_a_group(adapters, check):
    rewards = torch.tensor([1.0, 3.0, 10.0, 20.0])
    found, _ = adapters.run_compute_group_normalized_rewards(rewards, 2, "mean", 1e-6, "none")
    check.close(found, torch.tensor([-1.0, 1.0, -5.0, 5.0]).double(), rtol=1e-6, dtype=torch.float32, who=WHO)


def test_a_group_of_two_has_the_unbiased_deviation(adapters, check):
    found, _ = adapters.run_compute_group_normalized_rewards(torch.tensor([0.0, 1.0, 4.0, 0.0]), 2, "mean", 0.0, "std")
    half = 0.5**0.5
    expected = torch.tensor([-half, half, half, -half], dtype=torch.float64)
    hint = "the denominator of the variance is group_size - 1"
    check.close(found, expected, rtol=1e-5, dtype=torch.float32, who=WHO, hint=hint)


@pytest.mark.parametrize("normalizer", NORMALIZERS)
def test_a_group_of_equal_rewards_has_no_advantage(adapters, check, draw, normalizer):
    rewards = torch.cat([torch.full((4,), 0.5), torch.tensor([0.0, 1.0, 0.0, 0.25]), torch.zeros(4)])
    found, _ = adapters.run_compute_group_normalized_rewards(rewards, 4, "mean", 1e-6, normalizer)
    expected = expected_advantages(rewards, 4, "mean", 1e-6, normalizer)
    check.close(found, expected, rtol=1e-4, dtype=torch.float32, who=WHO, hint="0 / (0 + eps) is 0")
    same = torch.cat([found[:4], found[8:]])
    check.that(bool((same == 0).all()), f"{WHO}: a group of equal rewards has an advantage other than 0")


def test_rewards_below_zero(adapters, check, draw):
    rewards = draw.uniform(12, low=-3.0, high=1.0)
    for normalizer in ("std", "none"):
        found, _ = adapters.run_compute_group_normalized_rewards(rewards, 6, "mean", 1e-6, normalizer)
        expected = expected_advantages(rewards, 6, "mean", 1e-6, normalizer)
        check.close(found, expected, rtol=1e-4, dtype=torch.float32, who=WHO)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("normalizer", NORMALIZERS)
def test_a_group_of_one_is_as_good_as_itself(adapters, check, draw, normalizer):
    rewards = draw.uniform(5, low=0.5, high=1.5)
    found, _ = adapters.run_compute_group_normalized_rewards(rewards, 1, "mean", 1e-6, normalizer)
    check.equal(found, torch.zeros(5), who=WHO, hint="there is no deviation within a group of one; it counts as 0")


@pytest.mark.beyond_public_course
@pytest.mark.parametrize(
    "arguments",
    [(4, "median", 1e-6, "std"), (4, "mean", 1e-6, "variance"), (5, "mean", 1e-6, "std")],
    ids=["baseline", "normalizer", "half_a_group"],
)
def test_what_cannot_be_is_refused(adapters, check, draw, arguments):
    check.rejects(
        adapters.run_compute_group_normalized_rewards, drawn(draw, 3, 4), *arguments, who=f"{WHO} with {arguments}"
    )


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("normalizer", NORMALIZERS)
@pytest.mark.parametrize("baseline", BASELINES)
def test_the_rewards_are_left_alone(drivers, check, draw, baseline, normalizer):
    given = {
        "raw_rewards": drawn(draw, 3, 4),
        "group_size": 4,
        "baseline": baseline,
        "advantage_eps": 1e-6,
        "advantage_normalizer": normalizer,
    }
    after = drivers.call_keeping_arguments(WHO, given)
    hint = "a view of the rewards shares their memory"
    check.equal(after["arguments"], given, who=f"{WHO}'s arguments after the call", hint=hint)
