"""An interval that holds the true loss, and is narrow: the interval score of Gneiting and Raftery at 80 %."""

from assignment3_scaling.tests.bands import INTERVAL_BOUND, check_interval
from assignment3_scaling.tests.campaigns import results
from assignment3_scaling.tests.test_scaling_laws import SURFACES


def test_intervals_are_narrow_and_hold_the_loss(setting, drivers, check):
    check_interval(check, results(setting, drivers, SURFACES), INTERVAL_BOUND)
