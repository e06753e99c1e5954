"""Budget discipline: it is used, and little of it goes to runs that fail or is asked for when it is gone."""

from assignment3_scaling.tests.bands import check_discipline
from assignment3_scaling.tests.campaigns import results
from assignment3_scaling.tests.test_scaling_laws import SURFACES


def test_the_budget_is_used_and_not_wasted(setting, drivers, check):
    check_discipline(check, results(setting, drivers, SURFACES))
