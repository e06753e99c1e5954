"""Optima at equal compute: other constants, budgets, numbers of runs and noise."""

import pytest

from assignment3_scaling.tests.laws import best_size, draw_law, ladder, made, shuffled
from assignment3_scaling.tests.predictions import check_predictions

OPTIMA = "run_isoflop_optima"


@pytest.mark.parametrize("number", range(4))
def test_optima_of_other_laws(adapters, check, draw, number):
    law, C = draw_law(draw), 10 ** draw.number(9, 22)
    budgets = [round(C * 2.5**step, draw.choice((0, 3))) for step in range(draw.integer(1, 12))]
    runs = [run for C in budgets for run in ladder(law, C, draw.integer(0, 5), draw.integer(0, 5), draw.number(1.2, 2))]
    runs = shuffled(draw, [*runs, made(1, budgets[0], None)])
    found = adapters.run_isoflop_optima(runs)
    check.equal([C for C, *_ in found], sorted(budgets), who=f"{OPTIMA}, as the budgets,")
    for C, N, D, loss in found:
        check.close(N, best_size(law, C), rtol=1e-3 + 1 / best_size(law, C), who=f"{OPTIMA}, N at C = {C:g},")
        check.close(6 * N * D, C, rtol=1e-9, who=f"{OPTIMA}, 6 N D at C = {C:g},")
        check.close(loss, law.loss(N, D), rtol=1e-9, who=f"{OPTIMA}, the loss at C = {C:g},")


def test_a_plateau_of_quantised_losses(adapters, check, draw):
    """Losses in steps of 1 / 128, as bfloat16 has them: several runs share the lowest."""
    law, C = draw_law(draw), 1e18
    runs = shuffled(draw, ladder(law, C, 12, 12, 1.02))
    runs = [made(each["parameters"], C, round(each["final_loss"] * 128) / 128) for each in runs]
    lowest = min(each["final_loss"] for each in runs)
    smallest = min(each["parameters"] for each in runs if each["final_loss"] == lowest)
    found = adapters.run_isoflop_optima(runs)
    check.equal(len(found), 1, who=f"{OPTIMA}, as the number of budgets,")
    _, N, _, _ = found[0]
    check.close(N, smallest, rtol=1e-9, who=f"{OPTIMA}, N,", hint="of equal losses the smallest model counts")


@pytest.mark.parametrize("number", range(3))
def test_predictions_for_other_laws(drivers, check, draw, number):
    law, count = draw_law(draw), draw.integer(3, 8)
    budgets = [1e19 * 4**step for step in range(count)]
    runs = [run for place, C in enumerate(budgets) for run in ladder(law, C, 2 + place % 3, 4, 1.3)]
    bounds = {C: (0.9 * best_size(law, C), 1.1 * best_size(law, C)) for C in (2e18, budgets[-1], 50 * budgets[-1])}
    check_predictions(check, drivers.predictions(shuffled(draw, runs), list(bounds)), bounds)


@pytest.mark.parametrize("number", range(2))
def test_predictions_from_noisy_runs(drivers, check, draw, number):
    law = draw_law(draw)
    runs = [
        made(each["parameters"], C, each["final_loss"] + 5e-4 * draw.number(-1, 1))
        for C in (1e17, 3e17, 1e18, 3e18, 1e19, 3e19)
        for each in ladder(law, C, 4, 4, 1.5)
    ]
    bounds = {C: (0.5 * best_size(law, C), 2 * best_size(law, C)) for C in (1e18, 1e20)}
    check_predictions(check, drivers.predictions(shuffled(draw, runs), list(bounds)), bounds)
