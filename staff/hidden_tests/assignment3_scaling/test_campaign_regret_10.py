"""Regret of at most 0.01 nats, on hidden surfaces."""

from assignment3_scaling.tests.bands import check_regret
from staff.hidden_tests.assignment3_scaling.surfaces import hidden_results


def test_the_mean_regret_on_hidden_surfaces(setting, drivers, check):
    check_regret(check, hidden_results(setting, drivers), 0.01)
