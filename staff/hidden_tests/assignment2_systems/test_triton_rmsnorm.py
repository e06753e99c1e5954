"""RMSNorm with gradients of one's own: random sizes."""

import pytest

from assignment2_systems.tests import float64_rmsnorm


@pytest.mark.parametrize("kind", ["pytorch", "triton"])
@pytest.mark.parametrize("number", range(4))
def test_random_sizes(drivers, check, draw, kind, number):
    rows, h = draw.integer(1, 200), draw.integer(8, 300)
    x, g, cotangent = draw.normal(2, rows, h), draw.normal(h), draw.normal(2, rows, h)
    found = drivers.rmsnorm_with_gradients(kind, x, g, cotangent, bool(number % 2))
    expected = float64_rmsnorm.with_gradients(x, g, cotangent)
    for what, one, right in zip(("output", "gradient by x", "gradient by g"), found, expected, strict=True):
        check.close(one, right, rtol=2e-4, dtype=x.dtype, who=f"the {kind} RMSNorm, {what},")
