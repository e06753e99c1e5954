"""What plain attention keeps for its backward pass, held against what autograd says it keeps."""

import math

import pytest
import torch

SAVED, LENGTH = "run_attention_saved_bytes", "run_largest_attention_length"


def kept_by_autograd(B, T, d, dtype):
    """The bytes of the storages that a forward pass of plain attention saves."""
    storages = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        storages[storage.data_ptr()] = storage  # kept alive, so that no address is used twice
        return tensor

    Q, K, V = (torch.ones(B, T, d, dtype=dtype, requires_grad=True) for _ in range(3))
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        probabilities = torch.softmax(Q @ K.transpose(-2, -1) / math.sqrt(d), dim=-1)
        result = probabilities @ V
    assert result.shape == (B, T, d)
    return sum(storage.nbytes() for storage in storages.values())


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_it_is_what_autograd_keeps(adapters, check, draw, dtype):
    for _ in range(4):
        B, T, d = draw.integer(1, 6), draw.integer(2, 90), draw.integer(2, 50)
        found = adapters.run_attention_saved_bytes(B, T, d, dtype.itemsize)
        check.equal(found, kept_by_autograd(B, T, d, dtype), who=f"{SAVED} for B = {B}, T = {T}, d = {d}")


@pytest.mark.parametrize("d", [16, 32, 64, 128])
def test_twice_the_length_is_four_times_the_memory_in_the_end(adapters, check, d):
    short, long = (adapters.run_attention_saved_bytes(8, T, d, 4) for T in (2**20, 2**21))
    check.that(short > 0, f"{SAVED} returned {short} for T = 2^20; expected a number of bytes above 0")
    check.close(long / short, 4.0, rtol=1e-3, who=f"{SAVED}, as the ratio of twice the length,")


def test_memory_is_proportional_to_the_batch_and_to_the_width_of_a_number(adapters, check, draw):
    B, T, d = draw.integer(1, 9), draw.integer(2, 3000), draw.integer(2, 129)
    one = adapters.run_attention_saved_bytes(1, T, d, 1)
    check.equal(adapters.run_attention_saved_bytes(B, T, d, 2), 2 * B * one, who=SAVED)


def test_the_length_that_just_fits_and_the_byte_that_is_missing(adapters, check, draw):
    for _ in range(8):
        B, T, d, width = draw.integer(1, 64), draw.integer(2, 10**6), draw.integer(1, 200), draw.choice([2, 4, 8])
        memory = width * B * (T * T + 3 * T * d)
        for missing in (0, 1):
            found = adapters.run_largest_attention_length(memory - missing, B, d, width)
            check.equal(found, T - missing, who=f"{LENGTH} with {missing} bytes less than {T} takes")


def test_no_length_fits_into_nothing(adapters, check):
    for memory in (0, 100):
        check.equal(adapters.run_largest_attention_length(memory, 8, 64, 4), 0, who=LENGTH)
