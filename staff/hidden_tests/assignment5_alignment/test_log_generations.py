"""Other responses: many, very unequal ones, and rewards of any size."""

import pytest
import torch

from assignment5_alignment.tests.logged_generations import check_log, drawn


@pytest.mark.parametrize("rows", [2, 7, 40])
def test_drawn_responses(drivers, check, draw, rows):
    check_log(drivers, check, drawn(draw, rows, right=0.3))


def test_very_unequal_lengths(drivers, check):
    entropies = torch.full((3, 50), float("inf"))
    entropies[0, :50], entropies[1, :1], entropies[2, :3] = 0.1, 4.0, torch.tensor([1.0, 2.0, 3.0])
    table = [("long", "1", -2.0, 1.0, 0.0), ("short", "2", 3.0, 1.0, 1.0), ("mid", "3", 0.0, 0.0, 0.0)]
    arguments = ["p"] * 3, ["long", "short", "mid"], ["1", "2", "3"], table, entropies, [50, 1, 3]
    check_log(drivers, check, arguments, "means over tokens are not means of means")


def test_entropies_of_nothing_but_certainty(drivers, check, draw):
    prompts, responses, truths, table, entropies, lengths = drawn(draw, 3)
    check_log(drivers, check, (prompts, responses, truths, table, torch.zeros_like(entropies), lengths))


def test_all_responses_are_empty(drivers, check, draw):
    prompts, responses, truths, table, entropies, _ = drawn(draw, 3)
    check_log(drivers, check, (prompts, responses, truths, table, entropies, [0, 0, 0]), "no response has a token")


def test_one_response_to_one_prompt_many_times(drivers, check, draw):
    _, _, _, _, entropies, lengths = drawn(draw, 6)
    table = [("same", "truth", 0.25, 1.0, 1.0)]
    check_log(drivers, check, (["p"] * 6, ["same"] * 6, ["truth"] * 6, table, entropies, lengths))
