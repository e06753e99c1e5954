"""The campaign on hidden surfaces, and with a budget that nobody could foresee."""

from assignment3_scaling.tests.bands import check_bets
from assignment3_scaling.tests.campaigns import play, surface_named
from staff.hidden_tests.assignment3_scaling.surfaces import SECRET, hidden_results


def test_the_policy_ends_with_a_bet_on_hidden_surfaces(setting, drivers, check):
    check_bets(check, hidden_results(setting, drivers))


def test_any_budget_will_do(setting, drivers, check, draw):
    budget = float(draw.integer(16_000, 80_000))
    check_bets(check, [play(drivers, surface_named(setting, "another budget", SECRET), budget)])
