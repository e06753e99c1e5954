"""Regret of at most 0.03 nats: the learning rate is tuned, and carried over to the large run."""

from assignment3_scaling.tests.bands import check_regret
from assignment3_scaling.tests.campaigns import results
from assignment3_scaling.tests.test_scaling_laws import SURFACES


def test_the_mean_regret_is_at_most_three_hundredths(setting, drivers, check):
    check_regret(check, results(setting, drivers, SURFACES), 0.03)
