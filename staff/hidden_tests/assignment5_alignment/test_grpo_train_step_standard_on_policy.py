"""Larger batches, groups of other sizes, rewards below zero, and an answer that is empty."""

import dataclasses

import pytest

from assignment5_alignment.tests import rollout_cases
from assignment5_alignment.tests.train_step_checks import check_logged, check_step, step


@pytest.mark.parametrize("accumulation", [3, 12])
def test_groups_of_three_in_a_larger_batch(drivers, check, draw, accumulation):
    rewards = [[1.0, 0.0, 0.0], [0.0, 0.5, 0.75], [2.0, 0.25, 0.0], [0.0, 0.0, 1.0]]
    check_step(drivers, check, rollout_cases.drawn(draw, rewards), accumulation=accumulation)


def test_one_group_in_microbatches_of_one(drivers, check, draw):
    case = rollout_cases.drawn(draw, [[0.0, 0.0, 0.0, 1.0, 0.0, 0.5]])
    limit = 0.5 * rollout_cases.expected(case).grad_norm
    check_step(drivers, check, case, accumulation=6, max_grad_norm=limit)


def test_rewards_below_zero(drivers, check, draw):
    check_step(
        drivers, check, rollout_cases.drawn(draw, [[-1.0, -0.25, -3.0, 0.5], [-2.0, -2.5, 0.0, -2.25]]), accumulation=2
    )


@pytest.mark.beyond_public_course
def test_the_norm_is_logged_where_nothing_is_clipped(drivers, check, draw):
    case = rollout_cases.drawn(draw, [[1.0, 0.0, 0.25, 0.0], [0.0, 0.5, 0.0, 0.0]])
    right = rollout_cases.expected(case)
    for limit in (None, 5 * right.grad_norm):
        found = step(drivers, case, gradient_accumulation_steps=4, max_grad_norm=limit)
        check_logged(check, found, "grad_norm", right.grad_norm)
        check_logged(check, found, "token_entropy", right.token_entropy)


@pytest.mark.beyond_public_course
def test_an_empty_answer_costs_nothing_and_stays_in_the_mean(drivers, check, draw):
    case = rollout_cases.drawn(draw, [[1.0, 0.0, 0.25, 0.0], [0.0, 0.5, 0.0, 0.0]])
    responses = ["" if place == 5 else response for place, response in enumerate(case.responses)]
    table = [("" if row[0] == case.responses[5] else row[0], *row[1:]) for row in case.table]
    check_step(drivers, check, dataclasses.replace(case, responses=responses, table=table), accumulation=2)
