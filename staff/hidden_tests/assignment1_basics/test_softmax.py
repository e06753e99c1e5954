"""Softmax in four dimensions, over long rows, and its gradient at the edges."""

import torch

from assignment1_basics.tests import float64_reference as reference


def test_every_dimension_of_four(adapters, check, draw):
    x = draw.normal(3, 4, 5, 6, scale=30.0)
    for dim in range(-4, 4):
        check.close(
            adapters.run_softmax(x, dim),
            torch.softmax(x.double(), dim),
            rtol=4e-6,
            dtype=torch.float32,
            who=f"run_softmax over dimension {dim}",
        )


def test_long_rows_that_are_all_very_negative(adapters, check, draw):
    x = draw.normal(3, 2000) - torch.tensor([200.0, 3000.0, 1e5]).unsqueeze(-1)
    check.close(
        adapters.run_softmax(x, -1),
        torch.softmax(x.double(), -1),
        rtol=1e-5,
        dtype=torch.float32,
        who="run_softmax",
    )


def test_the_gradient_is_finite_next_to_minus_infinity_and_huge_elements(drivers, check, draw):
    x, cotangent = draw.normal(4, 6), draw.normal(4, 6)
    x[0, 1], x[1, 4], x[2, :3] = -torch.inf, 1e20, -1e20
    _, gradients = drivers.call_with_gradients("run_softmax", {"in_features": x, "dim": -1}, ["in_features"], cotangent)
    (expected,) = reference.gradients(lambda x: torch.softmax(x, -1), cotangent, x)
    check.close(gradients["in_features"], expected, rtol=5e-6, dtype=torch.float32, who="the gradient of run_softmax")


def test_a_dimension_of_one_element_is_certain(adapters, check, draw):
    x = draw.normal(5, 1, scale=1e6)
    check.equal(adapters.run_softmax(x, 1), torch.ones(5, 1), who="run_softmax over a dimension of size 1")
