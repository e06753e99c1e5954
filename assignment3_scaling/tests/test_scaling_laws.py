"""The campaign: a bet that can be run, whatever the surface and the budget."""

from assignment3_scaling.tests.bands import check_bets
from assignment3_scaling.tests.campaigns import play, results, surface_named

SURFACES = ("public 1", "public 2")


def test_the_policy_ends_with_a_bet_that_can_be_run(setting, drivers, check):
    check_bets(check, results(setting, drivers, SURFACES))


def test_the_budget_is_an_argument(setting, drivers, check):
    check_bets(check, [play(drivers, surface_named(setting, "public 1"), budget=21_600.0)])
