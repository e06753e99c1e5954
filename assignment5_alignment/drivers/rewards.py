"""Rewards from a table: a function cannot travel, so it is made here of one that can, and handed to the student's code."""

from __future__ import annotations

from typing import Any

from assignment5_alignment import adapters

Row = tuple[str, str, float, float, float]
"""A response, its ground truth, and the reward, format reward and answer reward of the pair."""


class TableReward:
    """A reward function that looks rewards up, and notes what it was asked, in order.

    A pair that is not in the table has rewards that no right use of it can lead to.
    """

    def __init__(self, table: list[Row]) -> None:
        self.calls: list[list[Any]] = []
        self._table = {(response, truth): rewards for response, truth, *rewards in table}

    def __call__(self, response: str, ground_truth: str) -> dict[str, float]:
        self.calls.append([response, ground_truth])
        reward, format_reward, answer_reward = self._table.get((response, ground_truth), (-77.0, -77.0, -77.0))
        return {"reward": reward, "format_reward": format_reward, "answer_reward": answer_reward}


def reward_categories(responses: list[str], ground_truths: list[str], table: list[Row]) -> dict[str, Any]:
    """`run_reward_categories` with a table of rewards; {"returned": what it returned, "calls": the pairs it asked for}."""
    rewards = TableReward(table)
    returned = adapters.run_reward_categories(responses, ground_truths, rewards)
    return {"returned": returned, "calls": _texts(rewards.calls)}


def log_generations(
    prompts: list[str],
    responses: list[str],
    ground_truths: list[str],
    table: list[Row],
    token_entropies: Any,
    response_lengths: list[int],
) -> dict[str, Any]:
    """`run_log_generations` with a table of rewards; {"returned": what it returned, "calls": the pairs it asked for}."""
    rewards = TableReward(table)
    returned = adapters.run_log_generations(
        prompts, responses, ground_truths, rewards, token_entropies, response_lengths
    )
    return {"returned": returned, "calls": _texts(rewards.calls)}


def _texts(calls: list[list[Any]]) -> list[list[str]]:
    """The pairs, as text: a student's code may have asked with anything."""
    return [[str(part) for part in call] for call in calls]
