"""What rollouts earned, and what that is worth beside the other answers to the same question.

Rollouts come in groups: the first `group_size` of them answer the first question, the next ones the second.
"""

from collections.abc import Callable

from torch import Tensor


def compute_rollout_rewards(
    reward_fn: Callable[[str, str], dict[str, float]],
    rollout_responses: list[str],
    repeated_ground_truths: list[str],
) -> tuple[Tensor, dict[str, float]]:
    """The `"reward"` that `reward_fn(response, ground_truth)` gives to each response, float32, and means to log.

    Returns:
        Rewards (rollouts,), and {"mean_reward", "mean_format_reward", "mean_answer_reward"} over the rollouts.
    """
    raise NotImplementedError(
        "compute_rollout_rewards: write compute_rollout_rewards in assignment5_alignment/rewards_of_groups.py"
    )


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
    raise NotImplementedError(
        "compute_group_normalized_rewards: write compute_group_normalized_rewards in assignment5_alignment/rewards_of_groups.py"
    )
