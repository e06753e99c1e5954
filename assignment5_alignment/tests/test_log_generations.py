"""What is kept of generations: each of them, and means over the right tokens and responses."""

import pytest
import torch

from assignment5_alignment.tests.logged_generations import WHO, check_log, check_number, drawn, without_rows


def test_three_responses_by_hand(drivers, check):
    nonsense = float("nan")
    entropies = torch.tensor([[1.0, 2.0, nonsense, 9.0], [0.5, 0.5, 0.5, 0.5], [3.0, nonsense, nonsense, 9.0]])
    table = [("a", "1", 1.0, 1.0, 1.0), ("b", "2", 0.0, 1.0, 0.0), ("c", "3", 0.5, 0.0, 0.0)]
    arguments = ["p", "q", "r"], ["a", "b", "c"], ["1", "2", "3"], table, entropies, [2, 4, 1]
    got = drivers.log_generations(*arguments)["returned"]
    check.that(isinstance(got, dict), f"{WHO} returned no dict")
    for key, expected, hint in (
        ("mean_reward", 0.5, "(1 + 0 + 0.5) / 3"),
        ("mean_length", 7 / 3, "(2 + 4 + 1) / 3"),
        ("mean_length_correct", 2.0, "the first response alone is right"),
        ("mean_length_incorrect", 2.5, "(4 + 1) / 2"),
        ("mean_token_entropy", 8 / 7, "(1 + 2 + 4 * 0.5 + 3) / 7: every token counts once"),
    ):
        check_number(check, got[key], expected, f"{WHO}, {key},", hint)
    check_log(drivers, check, arguments)


@pytest.mark.parametrize("rows", [1, 4, 11])
def test_drawn_responses(drivers, check, draw, rows):
    check_log(drivers, check, drawn(draw, rows), "row i of the entropies has padding after response i")


def test_all_right_or_none(drivers, check, draw):
    check_log(drivers, check, drawn(draw, 4, right=2.0), "no response is wrong")
    check_log(drivers, check, drawn(draw, 4, right=-1.0), "no response is right")


def test_an_answer_is_right_whatever_its_total_reward(drivers, check, draw):
    prompts, responses, truths, table, entropies, lengths = drawn(draw, 6)
    table = [(r, t, 1.0 - answer, 1.0, answer) for r, t, _, _, answer in table[:-1]] + [(*table[-1][:2], 1.0, 1.0, 0.5)]
    check_log(drivers, check, (prompts, responses, truths, table, entropies, lengths), "an answer reward of 1 is right")


def test_an_empty_response(drivers, check, draw):
    prompts, responses, truths, table, entropies, lengths = drawn(draw, 4)
    responses[1], lengths[1], table[1] = "", 0, ("", *table[1][1:])
    check_log(drivers, check, (prompts, responses, truths, table, entropies, lengths), "a response may have no tokens")


def test_equal_responses_to_different_questions(drivers, check, draw):
    prompts, _, truths, table, entropies, lengths = drawn(draw, 5)
    table = [("same", truth, *rewards) for _, truth, *rewards in table]
    check_log(drivers, check, (prompts, ["same"] * 5, truths, table, entropies, lengths), "each has its own truth")


def test_no_responses(drivers, check):
    check_log(drivers, check, without_rows(), "there is nothing")


def test_arguments_of_different_lengths_are_refused(drivers, check, draw):
    for place in (0, 1, 2, 4, 5):
        arguments = list(drawn(draw, 3))
        arguments[place] = arguments[place][:2]
        check.rejects(drivers.log_generations, *arguments, who=WHO, hint="one argument has a row fewer than the others")


def test_a_response_longer_than_its_row_is_refused(drivers, check, draw):
    *arguments, entropies, lengths = drawn(draw, 3)
    longer = [entropies.shape[1] + 1, *lengths[1:]]
    check.rejects(drivers.log_generations, *arguments, entropies, longer, who=WHO, hint="its row has fewer entropies")
