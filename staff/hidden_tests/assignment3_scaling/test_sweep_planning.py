"""A sweep that fits the budget: many machines, laws and budgets."""

import pytest

from assignment3_scaling.tests.laws import shuffled
from assignment3_scaling.tests.sweeps import check_plan, draw_task, plain_cost


@pytest.mark.parametrize("number", range(6))
def test_random_tasks(adapters, check, draw, number):
    levels, *rest = draw_task(draw, draw.choice((32, 64)), draw.integer(1, 6))
    budget = draw.number(0.2, 2.5) * sum(plain_cost(C, *rest) for C in levels)
    levels = shuffled(draw, levels)
    check_plan(check, adapters.run_plan_sweep(budget, levels, *rest), budget, levels, *rest)


def test_a_plan_says_the_same_twice(adapters, check, draw):
    levels, *rest = draw_task(draw)
    budget = 2.01 * sum(plain_cost(C, *rest) for C in levels)
    plans = [adapters.run_plan_sweep(budget, levels, *rest) for _ in range(2)]
    check.equal(plans[1], plans[0], who="run_plan_sweep, called again,")
    check_plan(check, plans[1], budget, levels, *rest)
