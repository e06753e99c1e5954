"""RMSNorm where eps, magnitude and precision decide."""

import torch

from assignment1_basics.tests import float64_reference as reference


def test_eps_is_not_a_constant(adapters, check, draw):
    eps = 10 ** draw.number(-4.0, -1.0)
    weights, x = draw.normal(30), draw.normal(2, 3, 30, scale=eps**0.5)
    check.close(
        adapters.run_rmsnorm(30, eps, weights, x),
        reference.rmsnorm(eps, weights, x),
        rtol=2e-6,
        dtype=torch.float32,
        who="run_rmsnorm",
    )


def test_eps_is_one_hundred_thousandth_unless_given(drivers, check, draw):
    x = draw.normal(2, 4, 24, scale=3e-3)
    output = drivers.module_output("get_rmsnorm_cls", {"d_model": 24}, [x], 0)
    expected = reference.rmsnorm(1e-5, torch.ones(24), x)
    check.close(output, expected, rtol=2e-6, dtype=torch.float32, who="RMSNorm(24)")


def test_bfloat16_gains_still_compute_in_float32(drivers, check, draw):
    x = draw.normal(2, 15, 256, scale=50.0).bfloat16()
    arguments = {"d_model": 256, "dtype": "bfloat16"}
    output = drivers.module_output("get_rmsnorm_cls", arguments, [x], 0)
    check.close(
        output,
        reference.rmsnorm(1e-5, torch.ones(256), x),
        rtol=1.01 * 2**-8,
        dtype=torch.bfloat16,
        who="RMSNorm(dtype=bfloat16)",
    )


def test_gradients_of_tiny_and_large_rows(drivers, check, draw):
    # One call a row: gradients of rows this different in size cannot share one tolerance.
    for scale in (1e-3, 1.0, 1e3):
        weights, x, cotangent = (
            draw.uniform(16, low=0.5, high=2.0),
            draw.normal(1, 1, 16, scale=scale),
            draw.normal(1, 1, 16),
        )
        arguments = {"d_model": 16, "eps": 1e-5, "weights": weights, "in_features": x}
        _, gradients = drivers.call_with_gradients("run_rmsnorm", arguments, ["in_features"], cotangent)
        (expected,) = reference.gradients(lambda x, w=weights: reference.rmsnorm(1e-5, w, x), cotangent, x)
        check.close(
            gradients["in_features"],
            expected,
            rtol=1e-5,
            dtype=torch.float32,
            who="the gradient of run_rmsnorm",
        )
