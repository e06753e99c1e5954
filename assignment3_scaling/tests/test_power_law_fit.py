"""A straight line on two logarithms: exact on exact laws, least squares on the logarithms otherwise."""

import math

import numpy as np
import pytest

FIT = "run_fit_power_law"


def draw_points(draw, count, noise=0.0, a=None):
    """x over several powers of ten in random order, y = k x^a e^noise, and k and a."""
    k, a = 10 ** draw.number(-12, 12), draw.number(-1.5, 1.5) if a is None else a
    x = 10 ** (draw.number(-3, 18) + draw.uniform(count, high=5).double().numpy())
    return x, k * x**a * np.exp(noise * draw.rng.standard_normal(count)), k, a


def check_line(check, found, x, y):
    """Of all lines through the logarithms this one has residuals that sum to zero, also when weighted by ln x."""
    k, a = found
    check.that(k > 0 and math.isfinite(k) and math.isfinite(a), f"{FIT} returned ({k:g}, {a:g}); expected k above 0")
    u = np.log(x) - np.log(x).mean()
    residuals = np.log(y) - np.log(k) - a * np.log(x)
    spread = np.abs(np.log(y)).max() + np.abs(np.log(x)).max()
    means = residuals.mean(), (residuals * u).mean() / np.abs(u).max()
    check.that(
        max(map(abs, means)) <= 1e-7 * spread,
        f"{FIT}: another line has a smaller sum of squares in (ln x, ln y). The fit is on logarithms, unweighted",
    )


@pytest.mark.parametrize("a", [0.5, -0.34, 1.0, 0.0, 2.0])
def test_exact_laws_are_recovered(adapters, check, draw, a):
    for _ in range(3):
        x, y, k, _ = draw_points(draw, 8, a=a)
        found = adapters.run_fit_power_law(x, y)
        check.close(found[0], k, rtol=1e-6, who=f"{FIT}, k,")
        check.that(abs(found[1] - a) <= 1e-6, f"{FIT} returned a = {found[1]:.6g}; the law's is another")


def test_two_points_make_a_line(adapters, check, draw):
    k, a = adapters.run_fit_power_law(np.array([100.0, 1.0]), np.array([30.0, 3.0]))
    check.close(k, 3.0, rtol=1e-9, who=f"{FIT}, k,")
    check.close(a, 0.5, rtol=1e-9, who=f"{FIT}, a,")


def test_three_points_by_hand(adapters, check):
    """On base-2 logarithms (0, 0), (1, 1), (2, 5): the slope is 5 / 2, the middle of the line at (1, 2)."""
    k, a = adapters.run_fit_power_law(np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 32.0]))
    check.close(k, 2**-0.5, rtol=1e-9, who=f"{FIT}, k,")
    check.close(a, 2.5, rtol=1e-9, who=f"{FIT}, a,")


@pytest.mark.parametrize("noise", [0.05, 0.5])
def test_noisy_points_are_fitted_by_least_squares_on_logarithms(adapters, check, draw, noise):
    for count in (3, 9, 40):
        x, y, _, _ = draw_points(draw, count, noise)
        check_line(check, adapters.run_fit_power_law(x, y), x, y)


def test_points_may_be_given_twice(adapters, check, draw):
    x, y, _, _ = draw_points(draw, 6, noise=0.3)
    x, y = np.concatenate([x, x[:2], x[:2]]), np.concatenate([y, y[:2], 2 * y[:2]])
    check_line(check, adapters.run_fit_power_law(x, y), x, y)


def test_the_order_of_points_does_not_matter(adapters, check, draw):
    x, y, _, _ = draw_points(draw, 12, noise=0.2)
    order = draw.permutation(12).numpy()
    first, second = adapters.run_fit_power_law(x, y), adapters.run_fit_power_law(x[order], y[order])
    check.close(second[0], first[0], rtol=1e-6, who=f"{FIT}, k, of the same points in another order,")
    check.close(second[1], first[1], rtol=1e-6, who=f"{FIT}, a, of the same points in another order,")


def test_other_units_change_k_alone(adapters, check, draw):
    x, y, _, _ = draw_points(draw, 10, noise=0.2)
    (k, a), (k_scaled, a_scaled) = adapters.run_fit_power_law(x, y), adapters.run_fit_power_law(1000 * x, 7 * y)
    check.close(a_scaled, a, rtol=1e-6, who=f"{FIT}, a, in other units,")
    check.close(k_scaled, 7 * k * 1000**-a, rtol=1e-6, who=f"{FIT}, k, in other units,")


@pytest.mark.parametrize("count", [1, 3])
def test_one_value_of_x_determines_no_line(adapters, check, draw, count):
    x, y = np.full(count, draw.number(1, 100)), 1 + draw.uniform(count).double().numpy()
    check.rejects(adapters.run_fit_power_law, x, y, who=f"{FIT} of {count} points at one x")
