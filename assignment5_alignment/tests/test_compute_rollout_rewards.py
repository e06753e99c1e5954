"""Each response is scored against its own truth, and what counts is what the reward function calls the reward."""

import pytest
import torch

WHO = "run_compute_rollout_rewards"


def drawn(draw, questions, group_size, scale=1.0):
    """Responses, truths, and a table in which every pair has three different rewards, all of a size of their own."""
    truths = [f"{number}" for number in draw.permutation(900)[:questions].tolist()]
    responses = [f"it may be {number}" for number in draw.permutation(900)[: questions * group_size].tolist()]
    repeated = [truth for truth in truths for _ in range(group_size)]
    table = [
        (response, truth, draw.number(0.1, 1.0) * scale, draw.number(2, 3) * scale, -draw.number(4, 5) * scale)
        for response in responses
        for truth in truths
    ]
    return responses, repeated, table


def column(responses, truths, table, place):
    known = {row[:2]: row[place] for row in table}
    return torch.tensor([known[pair] for pair in zip(responses, truths, strict=True)], dtype=torch.float64)


def test_rewards_come_in_order_each_by_its_own_truth(drivers, check, draw):
    responses, truths, table = drawn(draw, questions=4, group_size=3)
    found = drivers.rollout_rewards(table, responses, truths)
    expected = column(responses, truths, table, 2)
    check.close(found["rewards"], expected, rtol=1e-6, dtype=torch.float32, who=WHO, hint='the key is "reward"')


def test_one_rollout(drivers, check, draw):
    responses, truths, table = drawn(draw, questions=1, group_size=1)
    found = drivers.rollout_rewards(table, responses, truths)
    check.close(found["rewards"], column(responses, truths, table, 2), rtol=1e-6, dtype=torch.float32, who=WHO)


def test_the_same_response_may_be_right_and_wrong(drivers, check):
    table = [("it is 4", "4", 1.0, 1.0, 1.0), ("it is 4", "5", 0.0, 1.0, 0.0), ("five", "5", 0.25, 0.0, 1.0)]
    found = drivers.rollout_rewards(table, ["it is 4", "it is 4", "five"], ["4", "5", "5"])
    check.equal(found["rewards"], torch.tensor([1.0, 0.0, 0.25]), who=WHO)


@pytest.mark.beyond_public_course
@pytest.mark.parametrize(("place", "key"), [(2, "mean_reward"), (3, "mean_format_reward"), (4, "mean_answer_reward")])
def test_means_are_reported(drivers, check, draw, place, key):
    responses, truths, table = drawn(draw, questions=3, group_size=4)
    found = drivers.rollout_rewards(table, responses, truths)
    expected = float(column(responses, truths, table, place).mean())
    check.close(found[key], expected, rtol=1e-5, who=f'{WHO} as metadata["{key}"]')


@pytest.mark.beyond_public_course
def test_rewards_that_are_whole_numbers_become_float32(drivers, check):
    table = [("a", "x", 1, 1, 1), ("b", "x", 0, 1, 0)]
    found = drivers.rollout_rewards(table, ["a", "b"], ["x", "x"])
    check.equal(found["rewards"], torch.tensor([1.0, 0.0]), who=WHO)


@pytest.mark.beyond_public_course
def test_the_lists_are_left_alone(drivers, check, draw):
    responses, truths, table = drawn(draw, questions=2, group_size=2)
    found = drivers.rollout_rewards(table, responses, truths)
    check.equal(found["lists"], [responses, truths], who=f"{WHO}'s lists after the call")
