"""RMSNorm: x / sqrt(mean(x²) + eps) * gain, computed in float32 and returned in the dtype of x."""

import pytest
import torch

from assignment1_basics.tests import float64_reference as reference

beyond = pytest.mark.beyond_public_course
"""The public handout speaks of a batch of sequences in one place, of any leading dimensions in another."""
RTOL = 2e-6  # a mean of at most 64 float32 squares, a root, two products
DTYPES = {"float16": torch.float16, "bfloat16": torch.bfloat16}


def gains(draw, d_model):
    return draw.uniform(d_model, low=0.5, high=2.0)


@pytest.mark.parametrize(
    "leading",
    [(2, 3), *(pytest.param(leading, marks=beyond) for leading in ((), (5,), (2, 3, 4)))],
    ids=["3d", "1d", "2d", "4d"],
)
def test_rows_are_divided_by_their_root_mean_square(adapters, check, draw, leading):
    d_model = draw.integer(16, 64)
    weights, x = gains(draw, d_model), draw.normal(*leading, d_model) + 0.5
    check.close(
        adapters.run_rmsnorm(d_model, 1e-5, weights, x),
        reference.rmsnorm(1e-5, weights, x),
        rtol=RTOL,
        dtype=torch.float32,
        who="run_rmsnorm",
        hint="no mean is subtracted, and the mean of the squares is over d_model numbers, not d_model - 1",
    )


@pytest.mark.parametrize("eps", [1e-6, 1e-5, 1e-2])
def test_eps_is_added_to_the_mean_square_under_the_root(adapters, check, draw, eps):
    weights, x = gains(draw, 32), draw.normal(2, 4, 32, scale=1e-4)
    check.close(
        adapters.run_rmsnorm(32, eps, weights, x),
        reference.rmsnorm(eps, weights, x),
        rtol=RTOL,
        dtype=torch.float32,
        who="run_rmsnorm",
        hint="eps is an argument, and belongs inside the square root",
    )


def test_a_row_of_zeros_stays_finite(adapters, check, draw):
    weights, x = gains(draw, 16), draw.normal(2, 3, 16)
    x[0, 1] = 0
    check.close(
        adapters.run_rmsnorm(16, 1e-5, weights, x),
        reference.rmsnorm(1e-5, weights, x),
        rtol=RTOL,
        dtype=torch.float32,
        who="run_rmsnorm",
    )


def test_squares_do_not_overflow_in_float16(adapters, check, draw):
    weights, x = gains(draw, 24), draw.normal(2, 6, 24, scale=300.0).half()
    check.close(
        adapters.run_rmsnorm(24, 1e-5, weights, x),
        reference.rmsnorm(1e-5, weights, x),
        rtol=1e-3,
        dtype=torch.float16,
        who="run_rmsnorm",
        hint="float16 ends at 65504: square in float32, and return the input's dtype",
    )


# The distance to the nearest number of the dtype is at most half a step: 2^-11 or 2^-8 of the value.
@pytest.mark.parametrize(("dtype", "half_step"), [("float16", 2**-11), ("bfloat16", 2**-8)])
def test_half_precision_is_rounded_once_at_the_end(adapters, check, draw, dtype, half_step):
    weights, x = gains(draw, 48), draw.normal(2, 20, 48).to(DTYPES[dtype])
    check.close(
        adapters.run_rmsnorm(48, 1e-5, weights, x),
        reference.rmsnorm(1e-5, weights, x),
        rtol=1.01 * half_step,
        dtype=DTYPES[dtype],
        who="run_rmsnorm",
        hint="norm and gain are both applied in float32, then the result goes back to the input's dtype",
    )


def test_the_gradient_reaches_the_input(drivers, check, draw):
    weights, x, cotangent = gains(draw, 20), draw.normal(3, 4, 20), draw.normal(3, 4, 20)
    arguments = {"d_model": 20, "eps": 1e-5, "weights": weights, "in_features": x}
    _, gradients = drivers.call_with_gradients("run_rmsnorm", arguments, ["in_features"], cotangent)
    (expected,) = reference.gradients(lambda x: reference.rmsnorm(1e-5, weights, x), cotangent, x)
    check.close(
        gradients["in_features"],
        expected,
        rtol=1e-5,
        dtype=torch.float32,
        who="the gradient of run_rmsnorm",
        hint="the root mean square depends on the input, too",
    )


def test_the_gradient_reaches_the_gain(drivers, check, draw):
    weights, x, cotangent = gains(draw, 20), draw.normal(3, 4, 20), draw.normal(3, 4, 20)
    _, gradient = drivers.gradients_of_only_parameter(
        "get_rmsnorm_cls", {"d_model": 20, "eps": 1e-3}, weights, [x], cotangent
    )
    (expected,) = reference.gradients(lambda w: reference.rmsnorm(1e-3, w, x), cotangent, weights)
    check.close(gradient, expected, rtol=1e-5, dtype=torch.float32, who="the gain's gradient of RMSNorm")


def test_the_input_is_left_alone(drivers, check, draw):
    x = draw.normal(2, 4, 12)
    arguments = {"d_model": 12, "eps": 1e-5, "weights": gains(draw, 12), "in_features": x}
    _, after = drivers.call_keeping_arguments("run_rmsnorm", arguments)
    check.equal(after["in_features"], x, who="run_rmsnorm's in_features after the call")


def test_the_only_parameter_is_a_gain_of_ones(drivers, check):
    parameters = drivers.initial_parameters("get_rmsnorm_cls", {"d_model": 12}, 0)
    found = drivers.parameter_descriptions("get_rmsnorm_cls", {"d_model": 12})
    shapes = [shape for shape, _, _ in found]
    check.that(shapes == [[12]], f"RMSNorm(12) has trainable parameters of the shapes {shapes}; expected one of 12")
    check.equal(parameters, [torch.ones(12)], who="RMSNorm(12)", hint="a new norm has gains of one")


@pytest.mark.parametrize("dtype", ["float64", "bfloat16"])
def test_the_dtype_is_honoured(drivers, check, dtype):
    arguments = {"d_model": 4, "dtype": dtype}
    found = {dtype for _, dtype, _ in drivers.parameter_descriptions("get_rmsnorm_cls", arguments)}
    check.that(found == {dtype}, f"RMSNorm(dtype={dtype}) made parameters of {found or 'nothing'}")


def test_the_device_is_honoured(drivers, check):
    arguments = {"d_model": 4, "device": "meta"}
    found = {device for _, _, device in drivers.parameter_descriptions("get_rmsnorm_cls", arguments)}
    check.that(found == {"meta"}, f"RMSNorm(device='meta') made parameters on {found or 'nothing'}")
