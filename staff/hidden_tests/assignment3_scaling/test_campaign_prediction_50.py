"""Predictions off by at most 0.05 nats, on hidden surfaces."""

from assignment3_scaling.tests.bands import check_prediction
from staff.hidden_tests.assignment3_scaling.surfaces import hidden_results


def test_predictions_on_hidden_surfaces(setting, drivers, check):
    check_prediction(check, hidden_results(setting, drivers), 0.05)
