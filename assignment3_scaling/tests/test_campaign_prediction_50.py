"""Predictions off by at most 0.05 nats: the loss levels off, and the fit knows."""

from assignment3_scaling.tests.bands import check_prediction
from assignment3_scaling.tests.campaigns import results
from assignment3_scaling.tests.test_scaling_laws import SURFACES


def test_predictions_are_off_by_at_most_five_hundredths(setting, drivers, check):
    check_prediction(check, results(setting, drivers, SURFACES), 0.05)
