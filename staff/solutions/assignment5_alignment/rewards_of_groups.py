"""What rollouts earned, and what that is worth beside the other answers to the same question.

Rollouts come in groups: the first `group_size` of them answer the first question, the next ones the second.
"""

from collections.abc import Callable

import torch
from torch import Tensor

KEYS = ("reward", "format_reward", "answer_reward")


def compute_rollout_rewards(
    reward_fn: Callable[[str, str], dict[str, float]],
    rollout_responses: list[str],
    repeated_ground_truths: list[str],
) -> tuple[Tensor, dict[str, float]]:
    """The `"reward"` that `reward_fn(response, ground_truth)` gives to each response, float32, and means to log.

    Returns:
        Rewards (rollouts,), and {"mean_reward", "mean_format_reward", "mean_answer_reward"} over the rollouts.
    """
    scores = [
        reward_fn(response, truth) for response, truth in zip(rollout_responses, repeated_ground_truths, strict=True)
    ]
    columns = {key: torch.tensor([score[key] for score in scores], dtype=torch.float32) for key in KEYS}
    return columns["reward"], {f"mean_{key}": float(column.mean()) for key, column in columns.items()}


def compute_group_normalized_rewards(
    raw_rewards: Tensor,
    group_size: int,
    baseline: str = "mean",
    advantage_eps: float = 1e-6,
    advantage_normalizer: str = "std",
) -> tuple[Tensor, dict[str, float]]:
    """Advantages (rollouts,): each reward less the baseline of its group, divided by the scale of its group.

    Args:
        raw_rewards: (rollouts,), group after group.
        group_size: how many rollouts in a row answer one question.
        baseline: "mean" subtracts the mean reward of the group, "none" nothing.
        advantage_eps: added to what is divided by.
        advantage_normalizer: "std" divides by the group's standard deviation, the one with `group_size - 1` in its
            denominator (0 for a group of one), "mean" by the group's mean, "none" by nothing. These are GRPO, MaxRL
            and Dr. GRPO.

    Returns:
        The advantages, and statistics of the rewards to log.

    Raises:
        ValueError: an unknown baseline or normaliser, or rewards that do not make whole groups.
    """
    if len(raw_rewards) % group_size:
        raise ValueError(f"{len(raw_rewards)} rewards do not make groups of {group_size}")
    groups = raw_rewards.reshape(-1, group_size)
    mean = groups.mean(dim=1, keepdim=True)
    std = groups.std(dim=1, keepdim=True) if group_size > 1 else torch.zeros_like(mean)
    centres = {"mean": mean, "none": torch.zeros_like(mean)}
    scales = {"std": std + advantage_eps, "mean": mean + advantage_eps, "none": torch.ones_like(mean)}
    if baseline not in centres:
        raise ValueError(f"baseline is {baseline!r}; expected one of {', '.join(centres)}")
    if advantage_normalizer not in scales:
        raise ValueError(f"advantage_normalizer is {advantage_normalizer!r}; expected one of {', '.join(scales)}")
    advantages = (groups - centres[baseline]) / scales[advantage_normalizer]
    statistics = {"mean": raw_rewards.mean(), "min": raw_rewards.min(), "max": raw_rewards.max(), "std": std.mean()}
    return advantages.flatten(), {key: float(value) for key, value in statistics.items()}
