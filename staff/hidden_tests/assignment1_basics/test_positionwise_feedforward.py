"""SiLU over its whole range, SwiGLU narrower than its input, and more inner widths."""

import torch
import torch.nn.functional as F

from assignment1_basics.tests import float64_reference as reference


def test_silu_and_its_gradient_over_the_whole_range(drivers, check, draw):
    x = torch.cat([draw.uniform(60, low=-300.0, high=300.0), draw.normal(60), torch.tensor([-88.8, -104.0, 89.0])])
    cotangent = draw.normal(123)
    output, gradients = drivers.call_with_gradients("run_silu", {"in_features": x}, ["in_features"], cotangent)
    (expected,) = reference.gradients(F.silu, cotangent, x)
    check.close(output, F.silu(x.double()), rtol=1e-6, dtype=torch.float32, who="run_silu")
    check.close(gradients["in_features"], expected, rtol=3e-6, dtype=torch.float32, who="the gradient of run_silu")


def test_an_inner_width_smaller_than_the_model(adapters, check, draw):
    d_model, d_ff = draw.integer(30, 50), draw.integer(3, 9)
    w1, w2, w3 = draw.normal(d_ff, d_model), draw.normal(d_model, d_ff), draw.normal(d_ff, d_model)
    x = draw.normal(1, 4, 2, 3, d_model)
    check.close(
        adapters.run_swiglu(d_model, d_ff, w1, w2, w3, x),
        reference.swiglu(w1, w2, w3, x),
        rtol=2e-5,
        dtype=torch.float32,
        who="run_swiglu",
    )


def test_inner_widths_of_many_models(adapters, check, draw):
    for _ in range(12):
        # 8/3 d_model / 64 = d_model / 24: stay clear of the ties at 12 mod 24.
        multiple, rest = draw.integer(1, 400), draw.choice([-11, -7, -1, 0, 1, 5, 11])
        check.equal(
            adapters.run_swiglu_d_ff(24 * multiple + rest),
            64 * multiple,
            who=f"run_swiglu_d_ff({24 * multiple + rest})",
        )


def test_an_inner_width_is_never_less_than_64(adapters, check, draw):
    check.equal(adapters.run_swiglu_d_ff(draw.integer(1, 12)), 64, who="run_swiglu_d_ff of a model narrower than 12")


def test_a_new_swiglu_starts_with_weights_of_the_right_size(drivers, check, draw):
    matrices = drivers.initial_parameters("get_swiglu_cls", {"d_model": 96, "d_ff": 256}, draw.integer(0, 2**31))
    # A wide margin: one matrix may serve as W1 and W3, and its own fan-out then counts.
    std = (2 / (96 + 256)) ** 0.5
    check.that(
        all(0.6 * std < matrix.double().square().mean().sqrt().item() < 1.4 * std for matrix in matrices),
        "SwiGLU(96, 256) has a matrix that does not start as a Linear layer does",
    )
