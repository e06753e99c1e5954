"""Linear: y = x Wᵀ, no bias, any number of leading dimensions."""

import math

import pytest
import torch

from assignment1_basics.tests import float64_reference as reference
from assignment1_basics.tests.truncated_normal import check_truncated_normal

RTOL = 5e-6  # sums of at most 40 float32 products


def layer(draw):
    d_in, d_out = draw.integer(20, 40), draw.integer(50, 90)
    return {"d_in": d_in, "d_out": d_out, "weights": draw.normal(d_out, d_in)}


@pytest.mark.parametrize("leading", [(), (7,), (2, 5), (2, 3, 4)], ids=["1d", "2d", "3d", "4d"])
def test_the_last_dimension_is_multiplied_by_the_weights(adapters, check, draw, leading):
    arguments = layer(draw)
    x = draw.normal(*leading, arguments["d_in"])
    check.close(
        adapters.run_linear(**arguments, in_features=x),
        reference.linear(arguments["weights"], x),
        rtol=RTOL,
        dtype=torch.float32,
        who="run_linear",
        hint="y[..., i] = sum over j of W[i, j] x[..., j]; there is no bias",
    )


def test_the_gradient_reaches_the_input(drivers, check, draw):
    arguments = layer(draw)
    x, cotangent = draw.normal(3, 4, arguments["d_in"]), draw.normal(3, 4, arguments["d_out"])
    _, gradients = drivers.call_with_gradients(
        "run_linear", {**arguments, "in_features": x}, ["in_features"], cotangent
    )
    check.close(
        gradients["in_features"],
        reference.linear(arguments["weights"].T, cotangent),
        rtol=RTOL,
        dtype=torch.float32,
        who="the gradient of run_linear",
    )


def test_the_gradient_reaches_the_weights(drivers, check, draw):
    weights, x, cotangent = draw.normal(24, 16), draw.normal(3, 5, 16), draw.normal(3, 5, 24)
    sizes = {"in_features": 16, "out_features": 24}
    _, gradient = drivers.gradients_of_only_parameter("get_linear_cls", sizes, weights, [x], cotangent)
    (expected,) = reference.gradients(lambda w: reference.linear(w, x), cotangent, weights)
    check.close(gradient, expected, rtol=RTOL, dtype=torch.float32, who="the weight gradient of Linear")


def test_the_only_parameter_is_the_weight_matrix(drivers, check):
    found = drivers.parameter_descriptions("get_linear_cls", {"in_features": 12, "out_features": 20})
    shapes = [shape for shape, _, _ in found]
    check.that(
        len(shapes) == 1 and sorted(shapes[0]) == [12, 20],
        f"Linear(12, 20) has trainable parameters of the shapes {shapes}; expected one of 12 x 20",
    )


def test_initial_weights_follow_a_truncated_normal_distribution(drivers, check, draw):
    parameters = drivers.initial_parameters(
        "get_linear_cls", {"in_features": 256, "out_features": 768}, draw.integer(0, 2**31)
    )
    std = math.sqrt(2 / (256 + 768))
    check_truncated_normal(check, parameters, std, who="Linear(256, 768)", formula="sqrt(2 / (d_in + d_out))")


@pytest.mark.parametrize("dtype", ["float64", "bfloat16"])
def test_the_dtype_is_honoured(drivers, check, dtype):
    arguments = {"in_features": 4, "out_features": 6, "dtype": dtype}
    found = {dtype for _, dtype, _ in drivers.parameter_descriptions("get_linear_cls", arguments)}
    check.that(found == {dtype}, f"Linear(dtype={dtype}) made parameters of {found or 'nothing'}")


def test_the_device_is_honoured(drivers, check):
    arguments = {"in_features": 4, "out_features": 6, "device": "meta"}
    found = {device for _, _, device in drivers.parameter_descriptions("get_linear_cls", arguments)}
    check.that(found == {"meta"}, f"Linear(device='meta') made parameters on {found or 'nothing'}")
