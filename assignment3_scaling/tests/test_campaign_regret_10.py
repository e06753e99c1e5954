"""Regret of at most 0.01 nats: size, data, learning rate, batch and shape are all near their best."""

from assignment3_scaling.tests.bands import check_regret
from assignment3_scaling.tests.campaigns import results
from assignment3_scaling.tests.test_scaling_laws import SURFACES


def test_the_mean_regret_is_at_most_a_hundredth(setting, drivers, check):
    check_regret(check, results(setting, drivers, SURFACES), 0.01)
