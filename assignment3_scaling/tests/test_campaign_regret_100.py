"""Regret of at most 0.1 nats: models of about the right size, trained with a learning rate that works."""

from assignment3_scaling.tests.bands import check_regret
from assignment3_scaling.tests.campaigns import results
from assignment3_scaling.tests.test_scaling_laws import SURFACES


def test_the_mean_regret_is_at_most_a_tenth(setting, drivers, check):
    check_regret(check, results(setting, drivers, SURFACES), 0.10)
