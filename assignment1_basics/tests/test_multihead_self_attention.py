"""Causal multi-head self-attention, without and with rotary positions."""

import pytest
import torch

from assignment1_basics.tests import float64_reference as reference
from assignment1_basics.tests.random_transformer import projections

RTOL = 2e-5
PLAIN, ROTARY = "run_multihead_self_attention", "run_multihead_self_attention_with_rope"

# The public course has one batch dimension.
LEADING = [
    pytest.param((), marks=pytest.mark.beyond_public_course),
    (3,),
    pytest.param((2, 3), marks=pytest.mark.beyond_public_course),
]


def layer(draw, d_model, num_heads):
    return {"d_model": d_model, "num_heads": num_heads, **projections(draw, d_model)}


def expected_output(arguments, x, theta=None, token_positions=None):
    weights = [arguments[f"{name}_proj_weight"] for name in "qkvo"]
    return reference.self_attention(arguments["num_heads"], *weights, x, theta, token_positions)


@pytest.mark.parametrize("leading", LEADING, ids=["2d", "3d", "4d"])
def test_heads_attend_causally_and_are_joined_by_the_output_projection(adapters, check, draw, leading):
    arguments, x = layer(draw, 24, 4), draw.normal(*leading, 7, 24)
    check.close(
        adapters.run_multihead_self_attention(**arguments, in_features=x),
        expected_output(arguments, x),
        rtol=RTOL,
        dtype=torch.float32,
        who=PLAIN,
        hint="head i has the features i * d_head to (i + 1) * d_head - 1 of each projection",
    )


@pytest.mark.parametrize("num_heads", [1, 2, 6, 12])
def test_the_width_of_a_head_is_d_model_over_num_heads(adapters, check, draw, num_heads):
    arguments, x = layer(draw, 12, num_heads), draw.normal(2, 5, 12)
    check.close(
        adapters.run_multihead_self_attention(**arguments, in_features=x),
        expected_output(arguments, x),
        rtol=RTOL,
        dtype=torch.float32,
        who=f"{PLAIN} with {num_heads} heads of 12 features",
    )


@pytest.mark.parametrize("leading", LEADING, ids=["2d", "3d", "4d"])
def test_positions_count_from_zero_unless_given(adapters, check, draw, leading):
    arguments, x = layer(draw, 24, 3), draw.normal(*leading, 7, 24)
    check.close(
        adapters.run_multihead_self_attention_with_rope(**arguments, max_seq_len=20, theta=10000.0, in_features=x),
        expected_output(arguments, x, 10000.0),
        rtol=RTOL,
        dtype=torch.float32,
        who=ROTARY,
        hint="queries and keys of every head are turned, values are not",
    )


@pytest.mark.parametrize("start", [0, 30])
def test_given_positions_are_used(adapters, check, draw, start):
    arguments, x = layer(draw, 16, 2), draw.normal(2, 8, 16)
    positions = start + draw.permutation(8).unsqueeze(0)
    check.close(
        adapters.run_multihead_self_attention_with_rope(
            **arguments, max_seq_len=40, theta=10000.0, in_features=x, token_positions=positions
        ),
        expected_output(arguments, x, 10000.0, positions),
        rtol=5e-5,
        dtype=torch.float32,
        who=ROTARY,
        hint="token_positions go to the rotary embedding; what is causal is the order of the rows",
    )


@pytest.mark.beyond_public_course
@pytest.mark.parametrize(
    ("leading", "positions_leading"), [((3,), (3,)), ((2, 3), (3,)), ((2, 3), (2, 1)), ((2, 3), (2, 3))], ids=str
)
def test_each_sequence_may_have_positions_of_its_own(adapters, check, draw, leading, positions_leading):
    arguments, x = layer(draw, 12, 3), draw.normal(*leading, 6, 12)
    positions = draw.integers(0, 40, *positions_leading, 6)
    check.close(
        adapters.run_multihead_self_attention_with_rope(
            **arguments, max_seq_len=40, theta=10000.0, in_features=x, token_positions=positions
        ),
        expected_output(arguments, x, 10000.0, positions),
        rtol=5e-5,
        dtype=torch.float32,
        who=ROTARY,
        hint="the leading dimensions of token_positions broadcast against those of in_features, heads left out",
    )


def test_theta_is_an_argument(adapters, check, draw):
    arguments, x = layer(draw, 16, 2), draw.normal(2, 9, 16)
    for theta in (10000.0, 50.0):
        check.close(
            adapters.run_multihead_self_attention_with_rope(**arguments, max_seq_len=9, theta=theta, in_features=x),
            expected_output(arguments, x, theta),
            rtol=RTOL,
            dtype=torch.float32,
            who=f"{ROTARY} with theta {theta:.0f}",
        )


@pytest.mark.parametrize("adapter", [PLAIN, ROTARY])
def test_the_future_does_not_change_the_past(adapters, check, draw, adapter):
    arguments, x, seen = layer(draw, 24, 4), draw.normal(2, 10, 24), draw.integer(1, 9)
    if adapter == ROTARY:
        arguments |= {"max_seq_len": 10, "theta": 10000.0}
    changed = x.clone()
    changed[:, seen:] = draw.normal(2, 10 - seen, 24, scale=10.0)
    before, after = (getattr(adapters, adapter)(**arguments, in_features=given) for given in (x, changed))
    check.that(before.shape == after.shape == x.shape, f"{adapter} changed the shape of its input")
    check.equal(
        after[:, :seen].contiguous(),
        before[:, :seen].contiguous(),
        who=f"{adapter} with other rows after row {seen - 1}, up to that row",
        hint="a row attends to itself and to what came before",
    )


@pytest.mark.parametrize("adapter", [PLAIN, ROTARY])
def test_one_matrix_product_serves_all_heads(drivers, check, draw, adapter):
    # Contracted over d_model = 24: the projections. Over d_head = 4 or the length 5: attention itself.
    arguments = {**layer(draw, 24, 6), "in_features": draw.normal(3, 5, 24)}
    if adapter == ROTARY:
        arguments |= {"max_seq_len": 5, "theta": 10000.0}
    products = drivers.matmul_shapes(adapter, arguments)
    count = sum(left[-1:] == [24] for left, _ in products)
    check.that(
        count <= 4,
        f"{adapter} made {count} matrix products over d_model; expected at most one each for queries, keys, "
        "values and the output, whatever the number of heads",
    )


@pytest.mark.parametrize("adapter", [PLAIN, ROTARY])
def test_the_gradient_reaches_the_input(drivers, check, draw, adapter):
    arguments, x, cotangent = layer(draw, 16, 4), draw.normal(2, 6, 16), draw.normal(2, 6, 16)
    rotary = {"max_seq_len": 6, "theta": 10000.0} if adapter == ROTARY else {}
    _, gradients = drivers.call_with_gradients(
        adapter, {**arguments, **rotary, "in_features": x}, ["in_features"], cotangent
    )
    (expected,) = reference.gradients(lambda x: expected_output(arguments, x, rotary.get("theta")), cotangent, x)
    check.close(gradients["in_features"], expected, rtol=5e-5, dtype=torch.float32, who=f"the gradient of {adapter}")
