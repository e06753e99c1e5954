"""A sweep that fits the budget: properties of plans for budgets of every size."""

import pytest

from assignment3_scaling.tests.api_rules import changed
from assignment3_scaling.tests.laws import shuffled
from assignment3_scaling.tests.sweeps import WHO, check_plan, draw_task, plain_cost


def cost_of_all(levels, *rest):
    """What all levels cost by the plain estimate."""
    return sum(plain_cost(C, *rest) for C in levels)


@pytest.mark.parametrize("head_dim", [32, 64])
def test_a_large_budget_pays_for_all_levels(adapters, check, draw, head_dim):
    levels, *rest = draw_task(draw, head_dim)
    budget = 2.01 * cost_of_all(levels, *rest)
    check_plan(check, adapters.run_plan_sweep(budget, levels, *rest), budget, levels, *rest)


@pytest.mark.parametrize("share", [0.15, 0.4, 0.7, 1.0, 1.4])
def test_a_small_budget_pays_for_the_smallest_levels(adapters, check, draw, share):
    levels, *rest = draw_task(draw)
    budget = share * cost_of_all(levels, *rest)
    check_plan(check, adapters.run_plan_sweep(budget, levels, *rest), budget, levels, *rest)


@pytest.mark.parametrize("last", range(5))
def test_a_level_is_planned_as_soon_as_the_budget_is_twice_its_cost(adapters, check, draw, last):
    levels, *rest = draw_task(draw)
    budget = 2.001 * cost_of_all(levels[: last + 1], *rest)
    check_plan(check, adapters.run_plan_sweep(budget, levels, *rest), budget, levels, *rest)


def test_a_budget_too_small_for_one_level_is_not_spent_on_parts_of_it(adapters, check, draw):
    levels, *rest = draw_task(draw)
    budget = 0.1 * plain_cost(levels[0], *rest)
    check.equal(
        adapters.run_plan_sweep(budget, levels, *rest), [], who=f"{WHO} for a tenth of what the first level costs"
    )


def test_levels_come_in_any_order(adapters, check, draw):
    levels, *rest = draw_task(draw)
    levels = shuffled(draw, levels)
    budget = 2.001 * cost_of_all(sorted(levels)[:3], *rest)
    check_plan(check, adapters.run_plan_sweep(budget, levels, *rest), budget, levels, *rest)


def test_one_level(adapters, check, draw):
    levels, *rest = draw_task(draw, count=1)
    budget = 2.01 * cost_of_all(levels, *rest)
    check_plan(check, adapters.run_plan_sweep(budget, levels, *rest), budget, levels, *rest)


def test_a_machine_that_is_slow_to_start(adapters, check, draw):
    levels, law, time_model, template = draw_task(draw)
    rest = law, time_model | {"startup_seconds": 900.0}, template
    budget = 2.01 * cost_of_all(levels, *rest)
    check_plan(check, adapters.run_plan_sweep(budget, levels, *rest), budget, levels, *rest)


def test_a_large_vocabulary_takes_time(adapters, check, draw):
    levels, law, time_model, template = draw_task(draw, count=3)
    rest = law, time_model, changed(template, {("architecture_config", "vocab_size"): 200_000})
    budget = 2.01 * cost_of_all(levels, *rest)
    check_plan(check, adapters.run_plan_sweep(budget, levels, *rest), budget, levels, *rest)


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_the_template_says_the_rest(adapters, check, draw, optimizer):
    levels, law, time_model, template = draw_task(draw)
    given = {"type": optimizer, "lr_scheduler": {"peak_value": draw.number(1e-4, 1e-2)}, "grad_clip_norm": None}
    rest = (
        law,
        time_model,
        changed(template, {("optimizer_config",): given, ("architecture_config", "rope_theta"): 500}),
    )
    budget = 2.01 * cost_of_all(levels, *rest)
    check_plan(check, adapters.run_plan_sweep(budget, levels, *rest), budget, levels, *rest)


def test_the_expected_exponent_moves_the_sizes(adapters, check, draw):
    levels, _, time_model, template = draw_task(draw, count=4)
    for a in (0.3, 0.7):
        rest = {"k": 5e6 / levels[0] ** a, "a": a}, time_model, template
        budget = 2.01 * cost_of_all(levels, *rest)
        check_plan(check, adapters.run_plan_sweep(budget, levels, *rest), budget, levels, *rest)
