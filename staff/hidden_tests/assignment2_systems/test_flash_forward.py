"""FlashAttention's forward pass: random sizes, several demands at once."""

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
    inputs,
)


def random_sizes(draw):
    """Queries, keys and d; one length is often just beside a multiple of a tile."""
    lengths = [draw.choice([draw.integer(1, 160), 64 * draw.integer(1, 3) + draw.integer(-1, 2)]) for _ in range(2)]
    return (*lengths, draw.choice([16, 32, 64]))


@beyond
@both
@pytest.mark.parametrize("number", range(5))
def test_random_sizes(drivers, check, draw, kind, number):
    is_causal = bool(number % 2)
    check_output(drivers, check, kind, inputs(draw, *random_sizes(draw), draw.integer(1, 4)), is_causal)


@causal_or_not
def test_batch_rows_are_independent(drivers, check, draw, kind, is_causal):
    q, k, v = inputs(draw, 64, 128, 32, 3)
    sizes = torch.tensor([0.1, 1.0, 20.0]).view(3, 1, 1)
    check_output(drivers, check, kind, [sizes * q, k, sizes * v], is_causal, rtol=1e-3)


@both
def test_a_jump_of_the_maximum_in_any_tile(drivers, check, draw, kind):
    q, k, v = inputs(draw, 32, 256, 16, 2)
    k[:, draw.integers(0, 256, 4)] *= 25.0
    check_output(drivers, check, kind, [q, k, v], False, rtol=1e-3)


@beyond
@both
def test_large_scores_at_odd_lengths_and_strides(drivers, check, draw, kind):
    queries, keys, d = random_sizes(draw)
    q, k, v = inputs(draw, queries, keys, d, 2, 2)
    check_output(drivers, check, kind, [20 * q, k, v], True, rtol=2e-3, layout=draw.choice(["heads", "columns"]))


@beyond
@pytest.mark.parametrize(
    ("kind", "dtype"), [("pytorch", torch.bfloat16), ("pytorch", torch.float16), ("triton", torch.float16)], ids=str
)
def test_half_precision_at_odd_lengths(drivers, check, draw, kind, dtype):
    tensors = inputs(draw, draw.integer(1, 100), draw.integer(65, 300), 32, 2, dtype=dtype)
    check_output(drivers, check, kind, tensors, True, rtol=16 * torch.finfo(dtype).eps / 2)


@beyond
@both
def test_the_log_sum_exp_at_odd_lengths(drivers, check, draw, kind):
    queries, keys, d = random_sizes(draw)
    tensors = inputs(draw, queries, keys, d, 2, 2)
    _, saved, _ = drivers.saved_by_attention(kind, *tensors, True)
    of_rows = [tensor for tensor in saved if tensor.shape == (2, 2, queries)]
    check.that(
        len(of_rows) == 1,
        f"{WHO[kind]} saved {len(of_rows)} tensors of shape (2, 2, {queries}); expected one, the log-sum-exp",
    )
    expected = float64_attention.log_sum_exp(tensors[0], tensors[1], True)
    check.close(of_rows[0], expected, rtol=1e-4, dtype=torch.float32, constant=True, who="the saved log-sum-exp")


@both
def test_memory_with_more_keys_than_queries(drivers, check, draw, kind):
    tensors = inputs(draw, 256, 2048, 16, 1)
    check_memory(check, drivers.attention_memory(kind, *tensors, False), tensors, WHO[kind])


@both
@pytest.mark.parametrize(
    ("queries", "keys"),
    [(64, 16), (64, 128), pytest.param(48, 17, marks=beyond), pytest.param(48, 130, marks=beyond)],
)
def test_the_softmax_is_written_out(drivers, check, draw, kind, queries, keys):
    names = drivers.operators_of_attention(kind, *inputs(draw, queries, keys, 16, 2), False)
    check_operators(check, names, WHO[kind])


@pytest.mark.parametrize("leading", [(6,), pytest.param((3, 2), marks=beyond)], ids=str)
def test_programs_for_heads_and_tiles(drivers, check, draw, leading):
    tensors = inputs(draw, 256, 128, 32, *leading)
    launches = drivers.kernel_launches(*tensors, False)
    check_launches(check, launches, WHO["triton"], programs=6 * 256 // 128, flops=2 * 2 * 6 * 256 * 128 * 32)


@beyond
@pytest.mark.parametrize("layout", ["heads", "columns", "surrounded"])
def test_addresses_at_random_sizes(drivers, check, draw, layout):
    tensors = inputs(draw, *random_sizes(draw), 2, 2)
    check_addresses(check, drivers.kernel_launches(*tensors, draw.choice([False, True]), layout=layout), WHO["triton"])
