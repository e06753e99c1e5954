"""Budget discipline: little of the budget goes to runs that fail, or is asked for when it is gone."""

from assignment3_scaling.tests.bands import check_waste
from assignment3_scaling.tests.campaigns import results
from assignment3_scaling.tests.test_scaling_laws import SURFACES


def test_hardly_anything_is_wasted(setting, drivers, check):
    check_waste(check, results(setting, drivers, SURFACES), 0.10)
