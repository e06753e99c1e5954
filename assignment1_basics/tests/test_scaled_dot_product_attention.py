"""Scaled dot-product attention: softmax(Q Kᵀ / sqrt(d_k)) V, over the keys of which the mask says True."""

import pytest
import torch

from assignment1_basics.tests import float64_reference as reference

RTOL = 1e-5


def operands(draw, *leading, queries=6, keys=9, d_k=8, d_v=5, dtype=torch.float32):
    return {
        "Q": draw.normal(*leading, queries, d_k, dtype=dtype),
        "K": draw.normal(*leading, keys, d_k, dtype=dtype),
        "V": draw.normal(*leading, keys, d_v, dtype=dtype),
    }


def mask_with_a_key_for_every_query(draw, *shape):
    mask = draw.boolean(*shape)
    mask[..., draw.integer(0, shape[-1])] = True
    return mask


def whole_numbers(draw, *shape):
    """With d_k = 16, scores of magnitude 1e5 that are exact in float32: no error for exp to enlarge."""
    return draw.integers(-512, 512, *shape).float()


# The public handout has at least one batch dimension.
@pytest.mark.parametrize(
    "leading",
    [pytest.param((), marks=pytest.mark.beyond_public_course), (3,), (2, 3), (2, 2, 3)],
    ids=["2d", "3d", "4d", "5d"],
)
def test_values_are_averaged_by_the_softmax_of_the_scores(adapters, check, draw, leading):
    given = operands(draw, *leading, d_k=8, d_v=8)
    check.close(
        adapters.run_scaled_dot_product_attention(**given),
        reference.attention(**given),
        rtol=RTOL,
        dtype=torch.float32,
        who="run_scaled_dot_product_attention",
    )


@pytest.mark.parametrize(("d_k", "d_v"), [(4, 16), (16, 4), (1, 3)])
def test_scores_are_scaled_by_the_width_of_the_keys(adapters, check, draw, d_k, d_v):
    given = operands(draw, 2, d_k=d_k, d_v=d_v)
    check.close(
        adapters.run_scaled_dot_product_attention(**given),
        reference.attention(**given),
        rtol=RTOL,
        dtype=torch.float32,
        who="run_scaled_dot_product_attention",
        hint="the scale is 1 / sqrt(d_k); the values may have another width",
    )


def test_false_in_the_mask_hides_a_key(adapters, check, draw):
    given = operands(draw, 3)
    mask = mask_with_a_key_for_every_query(draw, 3, 6, 9)
    check.close(
        adapters.run_scaled_dot_product_attention(**given, mask=mask),
        reference.attention(**given, mask=mask),
        rtol=RTOL,
        dtype=torch.float32,
        who="run_scaled_dot_product_attention",
        hint="True means: attend",
    )


@pytest.mark.parametrize("shape", [(6, 9), (1, 1, 6, 9), (2, 1, 6, 9), (3, 6, 9), (2, 3, 6, 9)])
def test_the_mask_is_broadcast(adapters, check, draw, shape):
    given = operands(draw, 2, 3)
    mask = mask_with_a_key_for_every_query(draw, *shape)
    check.close(
        adapters.run_scaled_dot_product_attention(**given, mask=mask),
        reference.attention(**given, mask=mask),
        rtol=RTOL,
        dtype=torch.float32,
        who="run_scaled_dot_product_attention",
    )


def test_a_hidden_key_stays_hidden_next_to_large_scores(adapters, check, draw):
    given = operands(draw, 2, d_k=16)
    given["Q"], given["K"] = whole_numbers(draw, 2, 6, 16), whole_numbers(draw, 2, 9, 16)
    mask = mask_with_a_key_for_every_query(draw, 2, 6, 9)
    check.close(
        adapters.run_scaled_dot_product_attention(**given, mask=mask),
        reference.attention(**given, mask=mask),
        rtol=RTOL,
        dtype=torch.float32,
        who="run_scaled_dot_product_attention",
        hint="a hidden key has weight exactly 0, however large its score is",
    )


def test_hidden_keys_and_values_do_not_reach_the_output(adapters, check, draw):
    given = operands(draw, 2)
    mask = torch.ones(6, 9, dtype=torch.bool)
    mask[:, [2, 5, 8]] = False
    before = adapters.run_scaled_dot_product_attention(**given, mask=mask)
    given["K"][:, [2, 5, 8]] = draw.normal(2, 3, 8, scale=100.0)
    given["V"][:, [2, 5, 8]] = draw.normal(2, 3, 5, scale=1e30)
    after = adapters.run_scaled_dot_product_attention(**given, mask=mask)
    check.equal(
        after,
        before,
        who="run_scaled_dot_product_attention with other keys and values behind the mask",
        hint="a hidden key has weight exactly 0",
    )


def test_large_scores_without_a_mask_are_finite(adapters, check, draw):
    given = operands(draw, 2, d_k=16)
    given["Q"], given["K"] = whole_numbers(draw, 2, 6, 16), whole_numbers(draw, 2, 9, 16)
    check.close(
        adapters.run_scaled_dot_product_attention(**given),
        reference.attention(**given),
        rtol=RTOL,
        dtype=torch.float32,
        who="run_scaled_dot_product_attention",
    )


@pytest.mark.beyond_public_course
def test_float64_is_returned_for_float64(adapters, check, draw):
    given = operands(draw, 2, dtype=torch.float64)
    check.close(
        adapters.run_scaled_dot_product_attention(**given),
        reference.attention(**given),
        rtol=RTOL,
        who="run_scaled_dot_product_attention",
    )


@pytest.mark.parametrize("masked", [False, True])
def test_gradients_reach_queries_keys_and_values(drivers, check, draw, masked):
    given = operands(draw, 2)
    mask = mask_with_a_key_for_every_query(draw, 6, 9) if masked else None
    cotangent = draw.normal(2, 6, 5)
    _, gradients = drivers.call_with_gradients(
        "run_scaled_dot_product_attention", {**given, "mask": mask}, ["Q", "K", "V"], cotangent
    )
    expected = reference.gradients(lambda Q, K, V: reference.attention(Q, K, V, mask), cotangent, *given.values())
    for name, wanted in zip(given, expected, strict=True):
        check.close(
            gradients[name],
            wanted,
            rtol=3e-5,
            dtype=torch.float32,
            who=f"the gradient of run_scaled_dot_product_attention for {name}",
        )


def test_the_arguments_are_left_alone(drivers, check, draw):
    given = {**operands(draw, 2), "mask": mask_with_a_key_for_every_query(draw, 6, 9)}
    _, after = drivers.call_keeping_arguments("run_scaled_dot_product_attention", given)
    check.equal(after, given, who="run_scaled_dot_product_attention's arguments after the call")
