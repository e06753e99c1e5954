"""Budget discipline on hidden surfaces."""

from assignment3_scaling.tests.bands import check_discipline
from staff.hidden_tests.assignment3_scaling.surfaces import hidden_results


def test_the_budget_is_used_and_not_wasted_on_hidden_surfaces(setting, drivers, check):
    check_discipline(check, hidden_results(setting, drivers))
