"""FlashAttention's backward pass, in PyTorch and in Triton: gradients, memory, kernels."""

import pytest
import torch

from assignment2_systems.tests import float64_attention
from assignment2_systems.tests.flash_facts import (
    WHO,
    beyond,
    both,
    causal_or_not,
    causal_where_asked,
    check_addresses,
    check_gradients,
    check_launches,
    check_memory,
    check_operators,
    in_half_precision,
    inputs,
)


@causal_or_not
def test_gradients_are_those_of_attention(drivers, check, draw, kind, is_causal):
    tensors = inputs(draw, 128, 128, 64, 2)
    check_gradients(drivers, check, kind, tensors, is_causal, draw.normal(2, 128, 64))


@both
@pytest.mark.parametrize("d", [16, 128])
def test_heads_may_have_any_power_of_two_from_16_on(drivers, check, draw, kind, d):
    tensors = inputs(draw, 64, 64, d, 2)
    hint = f"d is {d}; the scale 1/sqrt(d) enters each of dQ and dK once"
    check_gradients(drivers, check, kind, tensors, False, draw.normal(2, 64, d), hint=hint)


@causal_or_not
@pytest.mark.parametrize(("queries", "keys"), [(32, 256), (256, 64)])
def test_there_may_be_more_queries_than_keys_or_fewer(drivers, check, draw, kind, queries, keys, is_causal):
    tensors = inputs(draw, queries, keys, 16, 2)
    check_gradients(drivers, check, kind, tensors, is_causal, draw.normal(2, queries, 16))


@beyond
@both
@pytest.mark.parametrize("is_causal", [False, True])
@pytest.mark.parametrize(("queries", "keys"), [(5, 7), (100, 70), (70, 170)])
def test_lengths_need_not_be_multiples_of_a_tile(drivers, check, draw, kind, queries, keys, is_causal):
    tensors = inputs(draw, queries, keys, 16, 2)
    tensors[0] += 3.0  # all scores are near -36, so that a key which is not there would weigh much
    tensors[1] -= 3.0
    cotangent = draw.normal(2, queries, 16)
    check_gradients(drivers, check, kind, tensors, is_causal, cotangent, rtol=2e-3)


@causal_or_not
def test_large_scores_do_not_overflow(drivers, check, draw, kind, is_causal):
    q, k, v = inputs(draw, 128, 128, 32, 2)
    tensors, cotangent = [10 * q, 3 * k, v], draw.normal(2, 128, 32)
    check_gradients(
        drivers, check, kind, tensors, is_causal, cotangent, rtol=5e-3, hint="scores were 30 times as large"
    )


@both
def test_the_gradient_of_a_sum_is_one_number_expanded(drivers, check, draw, kind):
    tensors = inputs(draw, 64, 64, 16, 2)
    tensors[2] = tensors[2] + torch.linspace(-3, 3, 16)
    found = drivers.attention_gradients(kind, *tensors, False, None)
    expected = float64_attention.gradients(*tensors, False, torch.ones(2, 64, 16))
    hint = "the gradient of the output had strides of 0, as output.sum() gives it"
    check.close(found[2], expected[2], rtol=2e-4, dtype=torch.float32, who=f"{WHO[kind]}, gradient by v,", hint=hint)


@causal_where_asked
def test_the_gradient_of_the_output_need_not_be_contiguous(drivers, check, draw, kind, is_causal):
    tensors = inputs(draw, 64, 32, 16, 2)
    cotangent = draw.normal(2, 64, 16)
    hint = "the gradient of the output lay column by column"
    check_gradients(drivers, check, kind, tensors, is_causal, cotangent, transposed=True, hint=hint)


@both
def test_without_is_causal_every_query_sees_all_keys(drivers, check, draw, kind):
    tensors = inputs(draw, 64, 64, 16, 2)
    check_gradients(drivers, check, kind, tensors, None, draw.normal(2, 64, 16), hint="is_causal was not given")


@causal_where_asked
@pytest.mark.parametrize("wrt", ["q", "kv"])
def test_only_what_needs_a_gradient_gets_one(drivers, check, draw, kind, is_causal, wrt):
    tensors = inputs(draw, 32, 64, 16, 2)
    hint = f"only {' and '.join(wrt)} required gradients"
    check_gradients(drivers, check, kind, tensors, is_causal, draw.normal(2, 32, 16), wrt=wrt, hint=hint)


@causal_where_asked
def test_two_calls_do_not_share_what_they_saved(drivers, check, draw, kind, is_causal):
    first, second = ([*inputs(draw, 64, 64, 16, 2), draw.normal(2, 64, 16)] for _ in range(2))
    found = drivers.gradients_of_two_calls(kind, first, second, is_causal, False)
    for gradients, (q, k, v, cotangent), masked in zip(found, (first, second), (is_causal, False), strict=True):
        expected = float64_attention.gradients(q, k, v, masked, cotangent)
        for name, gradient, right in zip("qkv", gradients, expected, strict=True):
            who = f"{WHO[kind]}, called twice before the backward passes, gradient by {name},"
            check.close(gradient, right, rtol=2e-4, dtype=torch.float32, who=who)


@in_half_precision
def test_gradients_have_the_dtype_of_their_inputs_and_sums_that_of_float32(drivers, check, draw, kind, dtype):
    tensors, cotangent = inputs(draw, 1024, 64, 16, 1, dtype=dtype), draw.normal(1, 1024, 16).to(dtype)
    found = drivers.attention_gradients(kind, *tensors, False, cotangent)
    expected = float64_attention.gradients(*tensors, False, cotangent)
    for name, gradient, right in zip("qkv", found, expected, strict=True):
        who = f"{WHO[kind]}, gradient by {name},"
        check.close(gradient, right, rtol=min(0.1, 40 * torch.finfo(dtype).eps), dtype=dtype, who=who)
        error = float64_attention.relative_error(gradient, right)
        check.that(
            error < torch.finfo(dtype).eps,
            f"{who} has errors of {error:.2g} in the root mean square in {dtype}, with 1024 queries; expected less than "
            f"{torch.finfo(dtype).eps:.2g}, as with sums in float32",
        )


@beyond
@both
@pytest.mark.parametrize("layout", ["heads", "columns", "expanded", "surrounded"])
def test_inputs_need_not_be_contiguous(drivers, check, draw, kind, layout):
    q, k, v = inputs(draw, 45, 70, 16, 2, 3)
    if layout == "expanded":
        k, v = k[:1, :1], v[:1, :1]
    cotangent = draw.normal(2, 3, 45, 16)
    check_gradients(drivers, check, kind, [q, k, v], True, cotangent, layout=layout, hint=f"layout: {layout}")


@beyond
@both
@pytest.mark.parametrize("leading", [(), (2, 1, 2)], ids=str)
def test_any_number_of_leading_dimensions(drivers, check, draw, kind, leading):
    tensors = inputs(draw, 48, 32, 16, *leading)
    check_gradients(drivers, check, kind, tensors, False, draw.normal(*leading, 48, 16))


@beyond
@both
@pytest.mark.parametrize("is_causal", [False, True])
def test_no_tensor_is_as_large_as_all_scores(drivers, check, draw, kind, is_causal):
    length = 1024 if kind == "pytorch" else 512  # a launch in the interpreter takes its time
    tensors = inputs(draw, length, length, 16, 1)
    found = drivers.attention_memory(kind, *tensors, is_causal, draw.normal(1, length, 16))
    check_memory(check, found, tensors, f"the backward pass of {WHO[kind]}")


@beyond
@both
def test_the_softmax_is_written_out(drivers, check, draw, kind):
    names = drivers.operators_of_attention(kind, *inputs(draw, 32, 32, 16, 1), False, draw.normal(1, 32, 16))
    check_operators(check, names, f"the backward pass of {WHO[kind]}")


@beyond
def test_kernels_compute_the_gradients_by_tiles_in_parallel(drivers, check, draw):
    tensors = inputs(draw, 256, 256, 16, 2)
    launches = drivers.kernel_launches(*tensors, False, draw.normal(2, 256, 16))
    who = f"the backward pass of {WHO['triton']}"
    check_launches(check, launches, who, programs=2 * 256 // 128, flops=5 * 2 * 2 * 256 * 256 * 16)


@beyond
@pytest.mark.parametrize("is_causal", [False, True])
@pytest.mark.parametrize(("queries", "keys"), [(70, 45), (45, 70)])
def test_the_kernels_stay_within_their_tensors(drivers, check, draw, queries, keys, is_causal):
    tensors = inputs(draw, queries, keys, 16, 2)
    launches = drivers.kernel_launches(*tensors, is_causal, draw.normal(2, queries, 16), "surrounded")
    check_addresses(check, launches, f"the backward pass of {WHO['triton']}")
