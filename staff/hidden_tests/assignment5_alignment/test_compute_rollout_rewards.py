"""Rewards of many rollouts, negative ones, and texts of any script."""

import pytest
import torch

WHO = "run_compute_rollout_rewards"


def test_negative_rewards_and_many_rollouts(drivers, check, draw):
    responses = [f"answer {place}" for place in range(60)]
    truths = [f"truth {place // 5}" for place in range(60)]
    values = draw.uniform(60, 3, low=-2.0, high=1.0, dtype=torch.float64)
    table = [(*pair, *row) for pair, row in zip(zip(responses, truths, strict=True), values.tolist(), strict=True)]
    found = drivers.rollout_rewards(table, responses, truths)
    check.close(found["rewards"], values[:, 0], rtol=1e-6, dtype=torch.float32, who=WHO)


def test_texts_are_passed_on_as_they_are(drivers, check, draw):
    responses = [f"{draw.text(12)} {place}\n" for place in range(6)]
    truths = [f" {draw.text(8)} {place % 2}" for place in range(6)]
    table = [
        (response, truth, 0.25 * place, 7.0, 9.0)
        for place, (response, truth) in enumerate(zip(responses, truths, strict=True))
    ]
    found = drivers.rollout_rewards(table, responses, truths)
    check.equal(found["rewards"], torch.tensor([0.0, 0.25, 0.5, 0.75, 1.0, 1.25]), who=WHO)


@pytest.mark.beyond_public_course
def test_means_of_rewards_below_zero(drivers, check):
    table = [("a", "x", -2.0, 0.5, 3.0), ("b", "x", 0.5, 1.5, 5.0)]
    found = drivers.rollout_rewards(table, ["a", "b", "b"], ["x", "x", "x"])
    for key, expected in (("mean_reward", -1 / 3), ("mean_format_reward", 3.5 / 3), ("mean_answer_reward", 13 / 3)):
        check.close(found[key], expected, rtol=1e-5, who=f'{WHO} as metadata["{key}"]')
