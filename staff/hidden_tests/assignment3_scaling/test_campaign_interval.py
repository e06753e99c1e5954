"""Intervals that hold and are narrow, on hidden surfaces."""

from assignment3_scaling.tests.bands import INTERVAL_BOUND, check_interval
from staff.hidden_tests.assignment3_scaling.surfaces import hidden_results


def test_intervals_on_hidden_surfaces(setting, drivers, check):
    check_interval(check, hidden_results(setting, drivers), INTERVAL_BOUND)
