"""Softmax over any one dimension, stable for every magnitude."""

import pytest
import torch

from assignment1_basics.tests import float64_reference as reference

RTOL = 2e-6  # exp, a sum of at most 40 terms of one sign, a division


@pytest.mark.parametrize("dim", [0, 1, 2, -1, -2, -3])
def test_probabilities_are_over_the_given_dimension(adapters, check, draw, dim):
    x = draw.normal(5, 7, 9, scale=2.0)
    check.close(
        adapters.run_softmax(x, dim),
        torch.softmax(x.double(), dim),
        rtol=RTOL,
        dtype=torch.float32,
        who=f"run_softmax over dimension {dim}",
    )


def test_a_single_row_of_whole_numbers(adapters, check, draw):
    x = draw.permutation(8).float()
    check.close(
        adapters.run_softmax(x, 0),
        torch.softmax(x.double(), 0),
        rtol=RTOL,
        dtype=torch.float32,
        who="run_softmax",
    )


def test_large_inputs_do_not_overflow(adapters, check, draw):
    x = draw.normal(4, 6) + torch.tensor([1000.0, -1000.0, 95.0, -95.0]).unsqueeze(-1)
    check.close(
        adapters.run_softmax(x, -1),
        torch.softmax(x.double(), -1),
        rtol=RTOL,
        dtype=torch.float32,
        who="run_softmax",
        hint="subtracting one number from a whole row changes nothing; its maximum is a good choice",
    )


def test_every_row_has_its_own_maximum(adapters, check, draw):
    x = draw.normal(3, 5) + torch.tensor([0.0, 1e4, -1e4]).unsqueeze(-1)
    for dim, values in ((-1, x), (0, x.T.contiguous())):
        check.close(
            adapters.run_softmax(values, dim),
            torch.softmax(values.double(), dim),
            rtol=RTOL,
            dtype=torch.float32,
            who="run_softmax",
            hint="the rows differ by 10000: the maximum is taken over the given dimension only",
        )


def test_minus_infinity_gets_no_probability(adapters, check, draw):
    x = draw.normal(4, 6)
    x[0, 2] = x[1, :5] = x[2, 0] = -torch.inf
    probabilities = adapters.run_softmax(x, -1)
    check.close(probabilities, torch.softmax(x.double(), -1), rtol=RTOL, dtype=torch.float32, who="run_softmax")
    check.that(
        not probabilities[x == -torch.inf].any(),
        "run_softmax gave -inf a probability above zero; expected exactly zero",
    )


def test_one_huge_element_takes_it_all(adapters, check, draw):
    x = draw.normal(3, 8)
    x[0, 3], x[1, 5] = 1e30, -1e30
    check.close(
        adapters.run_softmax(x, -1),
        torch.softmax(x.double(), -1),
        rtol=RTOL,
        dtype=torch.float32,
        who="run_softmax",
    )


@pytest.mark.beyond_public_course
@pytest.mark.parametrize(("dtype", "rtol"), [(torch.float16, 5e-3), (torch.bfloat16, 0.04)])
def test_half_precision_is_returned_and_does_not_overflow(adapters, check, draw, dtype, rtol):
    x = (draw.normal(6, 12, scale=3.0) + 40).to(dtype)
    check.close(adapters.run_softmax(x, -1), torch.softmax(x.double(), -1), rtol=rtol, dtype=dtype, who="run_softmax")


@pytest.mark.beyond_public_course
def test_float64_is_exact(adapters, check, draw):
    x = draw.normal(6, 10, scale=10.0, dtype=torch.float64)
    check.close(
        adapters.run_softmax(x, -1),
        torch.softmax(x, -1),
        rtol=1e-12,
        who="run_softmax",
        hint="after subtracting the maximum the denominator is at least 1 and needs no epsilon",
    )


@pytest.mark.parametrize(
    ("dtype", "rtol"),
    [(torch.float32, 5e-6), pytest.param(torch.float64, 1e-10, marks=pytest.mark.beyond_public_course)],
    ids=["float32", "float64"],
)
def test_the_gradient_reaches_the_input(drivers, check, draw, dtype, rtol):
    x, cotangent = draw.normal(3, 5, 4, dtype=dtype), draw.normal(3, 5, 4, dtype=dtype)
    _, gradients = drivers.call_with_gradients("run_softmax", {"in_features": x, "dim": 1}, ["in_features"], cotangent)
    (expected,) = reference.gradients(lambda x: torch.softmax(x, 1), cotangent, x)
    check.close(gradients["in_features"], expected, rtol=rtol, dtype=dtype, who="the gradient of run_softmax")


def test_the_input_is_left_alone(drivers, check, draw):
    x = draw.normal(4, 6)
    _, after = drivers.call_keeping_arguments("run_softmax", {"in_features": x, "dim": -1})
    check.equal(after["in_features"], x, who="run_softmax's argument after the call")
