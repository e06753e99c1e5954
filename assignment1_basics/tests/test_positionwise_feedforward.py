"""SiLU, the SwiGLU feed-forward network W2 (silu(W1 x) * W3 x), and the rule for its inner width."""

import math

import pytest
import torch
import torch.nn.functional as F

from assignment1_basics.tests import float64_reference as reference


def network(draw, d_model, d_ff):
    return {
        "d_model": d_model,
        "d_ff": d_ff,
        "w1_weight": draw.normal(d_ff, d_model, scale=d_model**-0.5),
        "w2_weight": draw.normal(d_model, d_ff, scale=d_ff**-0.5),
        "w3_weight": draw.normal(d_ff, d_model, scale=d_model**-0.5),
    }


def expected_output(weights, x):
    return reference.swiglu(weights["w1_weight"], weights["w2_weight"], weights["w3_weight"], x)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
def test_silu_is_x_times_sigmoid_of_x(adapters, check, draw, dtype):
    x = draw.normal(3, 5, 7, scale=3.0, dtype=dtype)
    check.close(adapters.run_silu(x), F.silu(x.double()), rtol=1e-6, dtype=dtype, who="run_silu")


def test_silu_of_large_numbers_is_finite(adapters, check):
    x = torch.tensor([-200.0, -20.0, 0.0, 20.0, 200.0])
    check.close(
        adapters.run_silu(x),
        F.silu(x.double()),
        rtol=1e-6,
        dtype=torch.float32,
        who="run_silu",
        hint="exp(200) is infinite in float32; torch.sigmoid is allowed",
    )


def test_silu_of_large_numbers_has_a_finite_gradient(drivers, check):
    x = torch.tensor([-200.0, -20.0, -1.0, 0.0, 1.0, 20.0, 200.0])
    _, gradients = drivers.call_with_gradients("run_silu", {"in_features": x}, ["in_features"], torch.ones(7))
    (expected,) = reference.gradients(F.silu, torch.ones(7), x)
    check.close(
        gradients["in_features"],
        expected,
        rtol=2e-6,
        dtype=torch.float32,
        who="the gradient of run_silu",
        hint="exp(200) is infinite in float32, and its gradient is not a number",
    )


def test_silu_keeps_float16(adapters, check, draw):
    x = torch.cat([draw.normal(50, scale=4.0), torch.tensor([-200.0, 200.0])]).half()
    check.close(adapters.run_silu(x), F.silu(x.double()), rtol=4e-3, dtype=torch.float16, who="run_silu")


def test_silu_leaves_its_input_alone(drivers, check, draw):
    x = draw.normal(4, 6)
    _, after = drivers.call_keeping_arguments("run_silu", {"in_features": x})
    check.equal(after["in_features"], x, who="run_silu's argument after the call")


@pytest.mark.parametrize("leading", [(), (5,), (2, 3), (2, 3, 2)], ids=["1d", "2d", "3d", "4d"])
def test_swiglu_gates_the_third_matrix_by_the_first(adapters, check, draw, leading):
    weights = network(draw, draw.integer(10, 20), draw.integer(25, 40))
    x = draw.normal(*leading, weights["d_model"])
    check.close(
        adapters.run_swiglu(**weights, in_features=x),
        expected_output(weights, x),
        rtol=1e-5,
        dtype=torch.float32,
        who="run_swiglu",
        hint="W2 (silu(W1 x) * W3 x): silu on the first matrix only",
    )


def test_the_gradient_reaches_the_input_through_gate_and_value(drivers, check, draw):
    weights, x, cotangent = network(draw, 12, 20), draw.normal(2, 3, 12), draw.normal(2, 3, 12)
    arguments = {**weights, "in_features": x}
    _, gradients = drivers.call_with_gradients("run_swiglu", arguments, ["in_features"], cotangent)
    (expected,) = reference.gradients(lambda x: expected_output(weights, x), cotangent, x)
    check.close(gradients["in_features"], expected, rtol=1e-5, dtype=torch.float32, who="the gradient of run_swiglu")


@pytest.mark.parametrize(
    ("d_model", "d_ff"),
    [(24, 64), (64, 192), (256, 704), (512, 1344), (768, 2048), (1024, 2752)],
)
def test_the_inner_width_is_the_multiple_of_64_nearest_to_eight_thirds(adapters, check, d_model, d_ff):
    check.equal(adapters.run_swiglu_d_ff(d_model), d_ff, who=f"run_swiglu_d_ff({d_model})")


@pytest.mark.parametrize(("given", "inner"), [({"d_ff": 100}, 100), ({}, 256)], ids=["given", "by_the_rule"])
def test_a_swiglu_has_three_matrices_of_its_inner_width(drivers, check, given, inner):
    found = drivers.parameter_descriptions("get_swiglu_cls", {"d_model": 96, **given})
    numbers = sum(math.prod(shape) for shape, _, _ in found)
    check.that(
        numbers == 3 * 96 * inner,
        f"a SwiGLU of d_model 96, d_ff {given.get('d_ff', 'not given')} trains {numbers} numbers; "
        f"expected three matrices, without biases, of 96 x {inner}",
    )


def test_every_matrix_gets_a_gradient(drivers, check, draw):
    gradients = drivers.parameter_gradients(
        "get_swiglu_cls", {"d_model": 8, "d_ff": 24}, [draw.normal(5, 8)], draw.normal(5, 8), 1
    )
    check.that(
        len(gradients) > 0 and all(gradient is not None and gradient.double().any() for gradient in gradients),
        "a parameter of SwiGLU gets no gradient; expected every one to take part",
    )


@pytest.mark.parametrize("option", [{"dtype": "float64"}, {"dtype": "bfloat16"}, {"device": "meta"}])
def test_dtype_and_device_are_honoured(drivers, check, option):
    found = drivers.parameter_descriptions("get_swiglu_cls", {"d_model": 8, "d_ff": 24, **option})
    (wanted,) = option.values()
    check.that(
        len(found) > 0 and all(wanted in (dtype, device) for _, dtype, device in found),
        f"SwiGLU with {option} made parameters of another kind: {found}",
    )
