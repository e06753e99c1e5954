"""Optima at equal compute: the lowest run of each budget exactly, and a prediction by any good method."""

import math

import pytest

from assignment3_scaling.data import runs_of
from assignment3_scaling.data.sets import SETS
from assignment3_scaling.tests.laws import best_size, draw_law, ladder, made, shuffled
from assignment3_scaling.tests.predictions import check_predictions

OPTIMA = "run_isoflop_optima"
BUDGETS = [1e17, 3e17, 1e18, 3e18, 1e19, 3e19]


def lowest(runs):
    """(C, N, D, loss) by looking at every budget for itself."""
    found = []
    for C in sorted({run["compute_budget"] for run in runs}):
        own = [run for run in runs if run["compute_budget"] == C and run["final_loss"] is not None]
        own.sort(key=lambda run: (run["final_loss"], run["parameters"]))
        found += [(C, run["parameters"], C / 6 / run["parameters"], run["final_loss"]) for run in own[:1]]
    return found


def check_optima(check, found, expected, hint=""):
    """The same budgets in the same order; sizes to 1e-9, tokens to 1e-6, the losses as they were given."""
    check.equal(len(found), len(expected), who=f"{OPTIMA}, as the number of budgets,", hint=hint)
    for (C, N, D, loss), best in zip(found, expected, strict=True):
        check.that(float(C) == best[0], f"{OPTIMA}: a budget is {C:g}; expected the budgets of the runs, sorted")
        check.close(N, best[1], rtol=1e-9, who=f"{OPTIMA}, N at C = {C:g},", hint=hint)
        check.close(D, best[2], rtol=1e-6, who=f"{OPTIMA}, D at C = {C:g},", hint="C = 6 N D")
        check.close(loss, best[3], rtol=1e-9, who=f"{OPTIMA}, the loss at C = {C:g},", hint=hint)


def draw_runs(draw, budgets, most=9):
    """One to `most` runs at each budget, of losses that follow no law."""
    return [
        made(draw.integer(10**6, 10**10), C, draw.number(2, 7))
        for C in budgets
        for _ in range(draw.integer(1, most + 1))
    ]


# ----------------------------------------------------------------------------------------------------------
# The lowest run of each budget


def test_runs_by_hand(adapters, check):
    runs = [made(100, 6000.0, 3.5), made(50, 600.0, 4.5), made(200, 6000.0, 3.25), made(25, 600.0, 4.75)]
    found = adapters.run_isoflop_optima(runs)
    check_optima(check, found, [(600.0, 50, 2.0, 4.5), (6000.0, 200, 5.0, 3.25)])


@pytest.mark.parametrize("name", ["isoflops_curves", "isoflops_noisy", "isoflops_small"])
def test_the_shipped_runs(adapters, check, name):
    runs = runs_of(name)
    check_optima(check, adapters.run_isoflop_optima(runs), lowest(runs), hint=f"data/{name}.json")


@pytest.mark.parametrize("number", range(3))
def test_budgets_may_have_any_number_of_runs_in_any_order(adapters, check, draw, number):
    runs = shuffled(draw, draw_runs(draw, [1e18, 2.5e18, 3e17, 1e21, 4e19]))
    check_optima(check, adapters.run_isoflop_optima(runs), lowest(runs))


def test_of_equal_losses_the_smallest_model_counts(adapters, check, draw):
    sizes = shuffled(draw, [draw.integer(10**6, 10**9) for _ in range(6)])
    runs = [made(N, 1e18, 3.25) for N in sizes] + [made(10**5, 1e18, 3.5)]
    check_optima(check, adapters.run_isoflop_optima(runs), lowest(runs), hint="several runs have the lowest loss")


def test_diverged_runs_are_passed_over(adapters, check, draw):
    runs = draw_runs(draw, [1e17, 1e18, 1e19]) + [made(draw.integer(10, 1000), C, None) for C in (1e17, 1e18, 1e19)]
    runs += [made(10**7, 1e20, None), made(10**8, 1e20, None)]
    runs = shuffled(draw, runs)
    hint = "a run whose final_loss is None diverged, and at one budget all have"
    check_optima(check, adapters.run_isoflop_optima(runs), lowest(runs), hint)


def test_a_budget_may_be_an_integer_here_and_a_float_there(adapters, check, draw):
    budgets = [C for C in (10**18, 1e18, 10**9, 1e9) for _ in range(2)]
    runs = [made(10**6 + place, C, draw.number(2, 7)) for place, C in enumerate(budgets)]
    check_optima(check, adapters.run_isoflop_optima(shuffled(draw, runs)), lowest(runs), hint="10**18 is 1e18")


def test_budgets_are_sorted_as_numbers(adapters, check, draw):
    runs = draw_runs(draw, [2e9, 1e10, 9e8, 3e21, 2.5e22])
    check_optima(check, adapters.run_isoflop_optima(runs), lowest(runs))


# ----------------------------------------------------------------------------------------------------------
# What to train with more


@pytest.mark.parametrize("C", [1e23, 1e24])
def test_a_bet_on_the_shipped_runs(drivers, check, C):
    """The lowest runs and a fit on logarithms, one in linear space, parabolas: all lie within these bounds."""
    N = best_size(SETS["isoflops_curves"].law, C)
    check_predictions(check, drivers.predictions(runs_of("isoflops_curves"), [C]), {C: (0.6 * N, 1.6 * N)})


@pytest.mark.parametrize("number", range(3))
def test_the_optimum_is_among_the_runs_however_lopsided_they_are(drivers, check, draw, number):
    law = draw_law(draw)
    runs = [run for place, C in enumerate(BUDGETS) for run in ladder(law, C, 1 + place, 6 - place, 1.25)]
    asked = [3e19, 1e18, 1e21, 3e22]
    bounds = {C: (0.9 * best_size(law, C), 1.1 * best_size(law, C)) for C in asked}
    check_predictions(
        check, drivers.predictions(shuffled(draw, runs), asked), bounds,
        hint="each budget has a run at its optimum; small budgets have more larger models, large ones more smaller",
    )  # fmt: skip


def test_optima_between_the_runs(drivers, check, draw):
    law = draw_law(draw)
    runs = [run for C in BUDGETS for run in ladder(law, C, 4, 4, 1.3, centre=1.3 ** draw.number(-0.5, 0.5))]
    bounds = {C: (0.62 * best_size(law, C), 1.6 * best_size(law, C)) for C in (3e17, 1e20)}
    check_predictions(check, drivers.predictions(runs, list(bounds)), bounds)


def test_one_budget_asked_for_twice_is_one_prediction(drivers, check, draw):
    law = draw_law(draw)
    runs = [run for C in BUDGETS for run in ladder(law, C, 4, 4, 1.25)]
    asked = [2e20, 2e20]
    bounds = {2e20: (0.9 * best_size(law, 2e20), 1.1 * best_size(law, 2e20))}
    check_predictions(check, drivers.predictions(runs, asked), bounds)


def test_diverged_runs_do_not_bend_the_prediction(drivers, check, draw):
    law = draw_law(draw)
    runs = [run for C in BUDGETS for run in ladder(law, C, 3, 3, 1.25)]
    runs += [made(round(best_size(law, C) * math.exp(place)), C, None) for place, C in enumerate(BUDGETS)]
    bounds = {C: (0.9 * best_size(law, C), 1.1 * best_size(law, C)) for C in (1e20, 1e21)}
    check_predictions(check, drivers.predictions(shuffled(draw, runs), list(bounds)), bounds)
