"""FlashAttention's backward pass: random sizes, several demands at once."""

import pytest
import torch

from assignment2_systems.tests.flash_facts import (
    WHO,
    beyond,
    both,
    causal_or_not,
    check_addresses,
    check_gradients,
    check_memory,
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
    queries, keys, d = random_sizes(draw)
    queries, keys = queries + 2, keys + 2  # with one key there is nothing to differentiate
    tensors = inputs(draw, queries, keys, d, draw.integer(1, 4))
    cotangent = draw.normal(len(tensors[0]), queries, d)
    check_gradients(drivers, check, kind, tensors, bool(number % 2), cotangent, rtol=5e-4)


@causal_or_not
def test_batch_rows_are_independent(drivers, check, draw, kind, is_causal):
    q, k, v = inputs(draw, 64, 128, 32, 3)
    cotangent = draw.normal(3, 64, 32) * torch.tensor([1.0, 0.0, 3.0]).view(3, 1, 1)
    check_gradients(drivers, check, kind, [q, k, v], is_causal, cotangent, rtol=5e-4)


@beyond
@both
def test_strides_scores_and_lengths_together(drivers, check, draw, kind):
    queries, keys, d = random_sizes(draw)
    q, k, v = inputs(draw, queries + 2, keys + 2, d, 2, 3)
    layout, cotangent = draw.choice(["heads", "columns", "surrounded"]), draw.normal(2, 3, queries + 2, d)
    tensors = [5 * q, k, v]
    check_gradients(drivers, check, kind, tensors, True, cotangent, rtol=5e-3, layout=layout, transposed=True)


@beyond
@pytest.mark.parametrize(
    ("kind", "dtype"), [("pytorch", torch.bfloat16), ("pytorch", torch.float16), ("triton", torch.float16)], ids=str
)
def test_half_precision_at_odd_lengths(drivers, check, draw, kind, dtype):
    queries, keys = draw.integer(2, 100), draw.integer(65, 200)
    tensors, cotangent = inputs(draw, queries, keys, 32, 2, dtype=dtype), draw.normal(2, queries, 32).to(dtype)
    rtol = 0.1 if dtype is torch.bfloat16 else 0.02
    check_gradients(drivers, check, kind, tensors, False, cotangent, rtol=rtol)


@beyond
@both
def test_memory_with_more_queries_than_keys(drivers, check, draw, kind):
    tensors = inputs(draw, 640, 256, 16, 1)
    found = drivers.attention_memory(kind, *tensors, False, draw.normal(1, 640, 16))
    check_memory(check, found, tensors, f"the backward pass of {WHO[kind]}")


@beyond
@pytest.mark.parametrize("layout", ["heads", "surrounded"])
def test_addresses_at_random_sizes(drivers, check, draw, layout):
    queries, keys, d = random_sizes(draw)
    tensors = inputs(draw, queries, keys, d, 2, 2)
    launches = drivers.kernel_launches(*tensors, draw.choice([False, True]), draw.normal(2, 2, queries, d), layout)
    check_addresses(check, launches, f"the backward pass of {WHO['triton']}")
