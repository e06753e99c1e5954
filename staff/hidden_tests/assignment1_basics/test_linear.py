"""Linear, with other shapes and in other precisions."""

import math

import torch

from assignment1_basics.tests import float64_reference as reference
from assignment1_basics.tests.truncated_normal import check_truncated_normal


def test_more_inputs_than_outputs(adapters, check, draw):
    d_in, d_out = draw.integer(100, 140), draw.integer(3, 9)
    weights, x = draw.normal(d_out, d_in), draw.normal(2, 1, 3, 2, d_in)
    check.close(
        adapters.run_linear(d_in, d_out, weights, x),
        reference.linear(weights, x),
        rtol=2e-5,
        dtype=torch.float32,
        who="run_linear",
    )


def test_a_square_layer_is_not_transposed(adapters, check, draw):
    d = draw.integer(8, 24)
    weights, x = draw.normal(d, d), draw.normal(5, d)
    check.close(
        adapters.run_linear(d, d, weights, x),
        reference.linear(weights, x),
        rtol=5e-6,
        dtype=torch.float32,
        who="run_linear",
        hint="the weights are [d_out, d_in]",
    )


def test_a_float64_layer_computes_in_float64(drivers, check, draw):
    weights, x = draw.normal(12, 7, dtype=torch.float64), draw.normal(4, 7, dtype=torch.float64)
    arguments = {"in_features": 7, "out_features": 12, "dtype": "float64"}
    output, _ = drivers.gradients_of_only_parameter("get_linear_cls", arguments, weights, [x], torch.ones(4, 12))
    check.close(output, reference.linear(weights, x), rtol=1e-12, who="Linear(dtype=float64)")


def test_initial_weights_are_drawn_anew_for_every_layer(drivers, check, draw):
    first, second = drivers.initial_parameters_of_two(
        "get_linear_cls", {"in_features": 640, "out_features": 320}, draw.integer(0, 2**31)
    )
    std = math.sqrt(2 / (640 + 320))
    check_truncated_normal(check, first, std, who="Linear(640, 320)", formula="sqrt(2 / (d_in + d_out))")
    check_truncated_normal(check, second, std, who="Linear(640, 320)", formula="sqrt(2 / (d_in + d_out))")
    check.that(
        not torch.equal(first[0].double(), second[0].double()), "two Linear layers started with the same weights"
    )
