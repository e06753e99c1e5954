"""Rewards of rollouts, by a reward function that is a table."""

from __future__ import annotations

from typing import Any

from assignment5_alignment import adapters
from assignment5_alignment.drivers.rewards import TableReward

LOGGED = ("mean_reward", "mean_format_reward", "mean_answer_reward")


def rollout_rewards(
    rewards: list[tuple[str, str, float, float, float]], responses: list[str], truths: list[str]
) -> dict[str, Any]:
    """Call `run_compute_rollout_rewards` with a table of rows (response, ground truth, reward, format, answer reward).

    Returns:
        {"rewards": the tensor, "lists": the two lists after the call}, and of the metadata what is there of `LOGGED`.
    """
    result = adapters.run_compute_rollout_rewards(TableReward(rewards), responses, truths)
    if not isinstance(result, tuple) or len(result) != 2 or not isinstance(result[1], dict):
        raise TypeError("run_compute_rollout_rewards returned something else than a tensor and a dict")
    found, metadata = result
    logged = {key: metadata[key] for key in LOGGED if key in metadata}
    return {**logged, "rewards": found, "lists": [responses, truths]}
