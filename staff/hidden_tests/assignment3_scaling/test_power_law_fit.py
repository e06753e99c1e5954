"""A straight line on two logarithms: other sizes, and points of optima as they are measured."""

import numpy as np
import pytest

from assignment3_scaling.tests.laws import best_size, draw_law

FIT = "run_fit_power_law"


def test_optima_of_random_laws(adapters, check, draw):
    for _ in range(4):
        law, C = draw_law(draw), np.array([1e17, 1e18, 4e18, 1e21, 3e22])
        N = np.array([best_size(law, budget) for budget in C])
        k, a = adapters.run_fit_power_law(C, N)
        check.close(a, law.beta / (law.alpha + law.beta), rtol=1e-6, who=f"{FIT}, a,")
        check.close(k * 1e19**a, best_size(law, 1e19), rtol=1e-6, who=f"{FIT}, k x^a,")


@pytest.mark.parametrize("count", [3, 7, 100])
def test_measured_points(adapters, check, draw, count):
    """Against the normal equations in ratios to the first point, where the numbers are small."""
    for _ in range(3):
        x = 10 ** draw.uniform(count, low=16, high=22).double().numpy()
        y = 0.1 * x**0.5 * np.exp(0.3 * draw.normal(count).double().numpy())
        u, v = np.log(x / x[0]), np.log(y / y[0])
        sums = np.array([[count, u.sum()], [u.sum(), (u * u).sum()]])
        offset, slope = np.linalg.solve(sums, [v.sum(), (u * v).sum()])
        k, a = adapters.run_fit_power_law(x, y)
        check.close(a, float(slope), rtol=1e-6, who=f"{FIT}, a,", hint="the sum of squares is that of the logarithms")
        check.close(float(k * x[0] ** a), float(y[0] * np.exp(offset)), rtol=1e-6, who=f"{FIT}, k x^a,")


def test_falling_laws(adapters, check, draw):
    x = 10 ** draw.uniform(9, low=-5, high=5).double().numpy()
    k, a = adapters.run_fit_power_law(x, 3e-7 * x**-2.5)
    check.close(a, -2.5, rtol=1e-9, who=f"{FIT}, a,")
    check.close(k, 3e-7, rtol=1e-6, who=f"{FIT}, k,")
