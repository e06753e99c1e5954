"""FlashAttention's forward pass, in PyTorch and in Triton: values, what is saved, memory, kernels."""

import pytest
import torch

from assignment2_systems.tests import float64_attention
from assignment2_systems.tests.flash_facts import (
    WHO,
    beyond,
    both,
    causal_or_not,
    check_addresses,
    check_launches,
    check_memory,
    check_operators,
    check_output,
    in_half_precision,
    inputs,
)


@causal_or_not
def test_the_output_is_that_of_attention(drivers, check, draw, kind, is_causal):
    check_output(drivers, check, kind, inputs(draw, 128, 128, 64, 4), is_causal)


@both
@pytest.mark.parametrize("d", [16, 32, 128])
def test_heads_may_have_any_power_of_two_from_16_on(drivers, check, draw, kind, d):
    check_output(drivers, check, kind, inputs(draw, 64, 64, d, 2), False, hint=f"d is {d}, and the scale is 1/sqrt(d)")


@both
@pytest.mark.parametrize(("queries", "keys"), [(16, 16), (16, 256), (256, 32)])
def test_there_may_be_more_queries_than_keys_or_fewer(drivers, check, draw, kind, queries, keys):
    check_output(drivers, check, kind, inputs(draw, queries, keys, 16, 2), False)


@beyond
@both
@pytest.mark.parametrize(("queries", "keys"), [(1, 1), (5, 7), (100, 100), (130, 65), (3, 300)])
def test_lengths_need_not_be_multiples_of_a_tile(drivers, check, draw, kind, queries, keys):
    tensors = inputs(draw, queries, keys, 16, 2)
    tensors[0] += 2.0  # scores have a mean, so that keys which are not there would be noticed
    tensors[1] -= 2.0
    check_output(
        drivers, check, kind, tensors, False, hint="a tile that hangs over the edge has keys that do not count"
    )


@pytest.mark.parametrize("kind", [pytest.param("pytorch", marks=beyond), "triton"])
@pytest.mark.parametrize(("queries", "keys"), [(64, 256), (256, 64)])
def test_causal_means_that_query_i_sees_keys_up_to_i(drivers, check, draw, kind, queries, keys):
    hint = "the mask begins in the upper left corner, whatever the lengths"
    check_output(drivers, check, kind, inputs(draw, queries, keys, 32, 2), True, hint=hint)


@beyond
@both
@pytest.mark.parametrize(("queries", "keys"), [(77, 77), (70, 45), (45, 170)])
def test_causal_at_odd_lengths(drivers, check, draw, kind, queries, keys):
    check_output(drivers, check, kind, inputs(draw, queries, keys, 16, 2), True)


@causal_or_not
def test_large_scores_do_not_overflow(drivers, check, draw, kind, is_causal):
    q, k, v = inputs(draw, 128, 128, 32, 2)
    check_output(drivers, check, kind, [30 * q, k, v], is_causal, rtol=1e-3, hint="scores were 30 times as large")


@both
def test_rows_with_very_negative_scores_are_weighted_as_others(drivers, check, draw, kind):
    q, k, v = inputs(draw, 64, 128, 32, 2)
    down = draw.normal(32)
    tensors = [q + 12 * down, k - 12 * down, v]  # all scores near -25 |down|^2
    check_output(drivers, check, kind, tensors, False, rtol=1e-2, hint="all scores of a row may be very negative")


@causal_or_not
def test_largest_scores_may_come_first_or_last(drivers, check, draw, kind, is_causal):
    q, k, v = inputs(draw, 64, 256, 16, 2)
    towards = draw.normal(16)
    growing = torch.linspace(-4, 4, 256).unsqueeze(-1) * towards  # later keys fit the first text better
    k = k + torch.stack([growing, -growing])
    hint = "what was summed under an old maximum has to be scaled to the new one"
    check_output(drivers, check, kind, [q + towards, k, v], is_causal, rtol=5e-4, hint=hint)


@both
def test_without_is_causal_every_query_sees_all_keys(drivers, check, draw, kind):
    check_output(drivers, check, kind, inputs(draw, 64, 64, 16, 2), None, hint="is_causal was not given")


@in_half_precision
def test_half_precision_goes_in_and_out_and_sums_are_made_in_float32(drivers, check, draw, kind, dtype):
    tensors = inputs(draw, 32, 4096, 16, 1, dtype=dtype)
    found = drivers.attention(kind, *tensors, False)
    expected = float64_attention.attention(*tensors, False)
    check.close(found, expected, rtol=16 * torch.finfo(dtype).eps / 2, dtype=dtype, who=WHO[kind])
    error = float64_attention.relative_error(found, expected)
    check.that(
        error < 0.8 * torch.finfo(dtype).eps,
        f"{WHO[kind]} in {dtype} has errors of {error:.2g} in the root mean square over 4096 keys; expected less than "
        f"{0.8 * torch.finfo(dtype).eps:.2g}, as with sums, maxima and the numerator kept in float32",
    )


@beyond
@both
@pytest.mark.parametrize("layout", ["heads", "columns", "expanded"])
def test_inputs_need_not_be_contiguous(drivers, check, draw, kind, layout):
    q, k, v = inputs(draw, 48, 64, 16, 2, 3)
    if layout == "expanded":
        k, v = k[:1, :1], v[:1, :1]
    check_output(drivers, check, kind, [q, k, v], True, layout=layout, hint=f"layout: {layout}; mind the strides")


@beyond
@both
@pytest.mark.parametrize("leading", [(), (2, 3), (2, 1, 2)], ids=str)
def test_any_number_of_leading_dimensions(drivers, check, draw, kind, leading):
    check_output(drivers, check, kind, inputs(draw, 32, 48, 16, *leading), True)


@causal_or_not
def test_one_saved_tensor_is_the_log_sum_exp_of_each_row(drivers, check, draw, kind, is_causal):
    tensors = inputs(draw, 128, 64, 32, 3)
    _, saved, _ = drivers.saved_by_attention(kind, *tensors, is_causal)
    of_rows = [tensor for tensor in saved if tensor.shape == (3, 128)]
    check.that(
        len(of_rows) == 1,
        f"{WHO[kind]} saved {len(of_rows)} tensors of shape (3, 128); expected one, the log-sum-exp of each row",
    )
    expected = float64_attention.log_sum_exp(tensors[0], tensors[1], is_causal)
    who = f"the log-sum-exp saved by {WHO[kind]}"
    check.close(of_rows[0], expected, rtol=1e-4, dtype=torch.float32, who=who, hint="in natural logarithms")


@both
def test_nothing_else_is_saved_but_inputs_and_output(drivers, check, draw, kind):
    tensors = inputs(draw, 128, 64, 32, 3)
    output, saved, _ = drivers.saved_by_attention(kind, *tensors, False)
    known = [tensor.flatten() for tensor in (*tensors, output)]
    others = [tensor for tensor in saved if tensor.shape != (3, 128)]
    check.that(len(others) <= 4, f"{WHO[kind]} saved {len(saved)} tensors; expected at most five: q, k, v, O and L")
    for tensor in others:
        flat = tensor.flatten().float()
        same = [flat.shape == one.shape and torch.allclose(flat, one, atol=1e-5) for one in known]
        check.that(
            any(same),
            f"{WHO[kind]} saved a tensor of shape {tuple(tensor.shape)} that is neither q, k, v nor the output; "
            "expected only those, beside the log-sum-exp",
        )


@both
def test_inputs_are_left_as_they_are(drivers, check, draw, kind):
    tensors = inputs(draw, 64, 64, 16, 2)
    _, _, after = drivers.saved_by_attention(kind, *tensors, True)
    check.equal(after, tensors, who=f"{WHO[kind]}, which must not write into q, k and v,")


@both
@pytest.mark.parametrize("is_causal", [False, True])
def test_no_tensor_is_as_large_as_all_scores(drivers, check, draw, kind, is_causal):
    length = 1024 if kind == "pytorch" else 512  # a launch in the interpreter takes its time
    tensors = inputs(draw, length, length, 16, 1)
    check_memory(check, drivers.attention_memory(kind, *tensors, is_causal), tensors, WHO[kind])


@both
@pytest.mark.parametrize("keys", [16, 256])
def test_the_softmax_is_written_out(drivers, check, draw, kind, keys):
    check_operators(check, drivers.operators_of_attention(kind, *inputs(draw, 32, keys, 16, 1), True), WHO[kind])


def test_the_kernel_computes_tiles_of_queries_in_parallel(drivers, check, draw):
    tensors = inputs(draw, 512, 256, 16, 2)
    launches = drivers.kernel_launches(*tensors, False)
    check_launches(check, launches, WHO["triton"], programs=2 * 512 // 128, flops=2 * 2 * 2 * 512 * 256 * 16)


@beyond
@pytest.mark.parametrize("is_causal", [False, True])
@pytest.mark.parametrize(("queries", "keys"), [(70, 45), (45, 70)])
def test_the_kernel_stays_within_its_tensors(drivers, check, draw, queries, keys, is_causal):
    tensors = inputs(draw, queries, keys, 16, 2)
    check_addresses(check, drivers.kernel_launches(*tensors, is_causal, layout="surrounded"), WHO["triton"])


@beyond
@both
@pytest.mark.parametrize("is_causal", [False, True])
def test_what_lies_around_the_inputs_does_not_matter(drivers, check, draw, kind, is_causal):
    tensors = inputs(draw, 45, 70, 16, 2)
    hint = "around q, k and v lay NaN"
    check_output(drivers, check, kind, tensors, is_causal, layout="surrounded", hint=hint)
