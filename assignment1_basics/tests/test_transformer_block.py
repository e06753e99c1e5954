"""The pre-norm block: y = x + attention(norm1(x)), then y + feed_forward(norm2(y))."""

import pytest
import torch

from assignment1_basics.tests import float64_reference as reference
from assignment1_basics.tests.random_transformer import block_weights

RTOL = 3e-5
WHO = "run_transformer_block"


def block(draw, d_model=24, num_heads=3, d_ff=40, max_seq_len=12, theta=10000.0):
    return {
        "d_model": d_model,
        "num_heads": num_heads,
        "d_ff": d_ff,
        "max_seq_len": max_seq_len,
        "theta": theta,
        "weights": block_weights(draw, d_model, d_ff),
    }


def expected_output(arguments, x):
    return reference.transformer_block(arguments["num_heads"], arguments["theta"], arguments["weights"], x)


@pytest.mark.parametrize(("batch", "length"), [(2, 12), (3, 5), (1, 1)])
def test_attention_and_feed_forward_are_added_to_their_unnormalised_input(adapters, check, draw, batch, length):
    arguments, x = block(draw), draw.normal(batch, length, 24)
    check.close(
        adapters.run_transformer_block(**arguments, in_features=x),
        expected_output(arguments, x),
        rtol=RTOL,
        dtype=torch.float32,
        who=WHO,
        hint="y = x + attention(norm1(x)), then y + feed_forward(norm2(y))",
    )


@pytest.mark.parametrize(
    "sizes",
    [
        {"num_heads": 1},
        {"num_heads": 12},
        {"d_ff": 7},
        {"d_model": 10, "num_heads": 5, "d_ff": 90},
        {"theta": 30.0},
    ],
    ids=["one_head", "many_heads", "narrow", "wide", "theta"],
)
def test_sizes_and_theta_are_arguments(adapters, check, draw, sizes):
    arguments = block(draw, **sizes)
    x = draw.normal(2, 8, arguments["d_model"])
    check.close(
        adapters.run_transformer_block(**arguments, in_features=x),
        expected_output(arguments, x),
        rtol=RTOL,
        dtype=torch.float32,
        who=WHO,
    )


def test_small_inputs_are_normalised_with_the_default_eps(adapters, check, draw):
    arguments, x = block(draw), draw.normal(2, 6, 24, scale=3e-3)
    arguments["weights"]["attn.output_proj.weight"] *= 1e-3  # keeps the second norm's input small, too
    check.close(
        adapters.run_transformer_block(**arguments, in_features=x),
        expected_output(arguments, x),
        rtol=RTOL,
        dtype=torch.float32,
        who=WHO,
        hint="both norms have eps = 1e-5",
    )


def test_the_future_does_not_change_the_past(adapters, check, draw):
    arguments, x, seen = block(draw), draw.normal(2, 10, 24), draw.integer(1, 9)
    changed = x.clone()
    changed[:, seen:] = draw.normal(2, 10 - seen, 24, scale=10.0)
    before, after = (adapters.run_transformer_block(**arguments, in_features=given) for given in (x, changed))
    check.that(before.shape == after.shape == x.shape, f"{WHO} changed the shape of its input")
    check.equal(
        after[:, :seen].contiguous(),
        before[:, :seen].contiguous(),
        who=f"{WHO} with other rows after row {seen - 1}, up to that row",
    )


def test_the_gradient_reaches_the_input(drivers, check, draw):
    arguments, x, cotangent = block(draw), draw.normal(2, 6, 24), draw.normal(2, 6, 24)
    _, gradients = drivers.call_with_gradients(WHO, {**arguments, "in_features": x}, ["in_features"], cotangent)
    (expected,) = reference.gradients(lambda x: expected_output(arguments, x), cotangent, x)
    check.close(gradients["in_features"], expected, rtol=1e-4, dtype=torch.float32, who=f"the gradient of {WHO}")


def test_the_input_is_left_alone(drivers, check, draw):
    x = draw.normal(2, 6, 24)
    _, after = drivers.call_keeping_arguments(WHO, {**block(draw), "in_features": x})
    check.equal(after["in_features"], x, who=f"{WHO}'s in_features after the call")
