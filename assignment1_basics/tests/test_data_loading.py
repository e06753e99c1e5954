"""Batches: windows of the tokens, their successors, where the windows start, and what is read to cut them."""

import itertools

import numpy
import pytest
import torch

WHO = "run_get_batch"


def check_windows(check, batch, dataset, batch_size, context_length):
    """Every row is a window of `dataset` (all tokens differ), and its targets follow. Returns the starts."""
    inputs, targets = batch
    for name, tensor in (("inputs", inputs), ("targets", targets)):
        got = (str(tensor.dtype).removeprefix("torch."), tuple(tensor.shape))
        want = ("int64", (batch_size, context_length))
        check.that(got == want, f"{WHO} returned {name} of {got[0]} {got[1]}; expected {want[0]} {want[1]}")
    tokens = torch.from_numpy(dataset.astype(numpy.int64))
    place_of = {token: place for place, token in enumerate(tokens.tolist())}
    starts = [place_of.get(token) for token in inputs[:, 0].tolist()]
    last = len(tokens) - context_length - 1
    check.that(
        all(start is not None and start <= last for start in starts),
        f"{WHO}: a row begins with what is no token of the data, or too near the end; expected a window",
    )
    rows = torch.tensor(starts).reshape(-1, 1) + torch.arange(context_length)
    check.equal(inputs, tokens[rows], who=f"{WHO} as inputs", hint="a row is consecutive tokens of the data")
    hint = "the target is the token at the next position"
    check.equal(targets, tokens[rows + 1], who=f"{WHO} as targets", hint=hint)
    return starts


def different_tokens(draw, count, dtype="int64"):
    """`count` different numbers in random order: nothing can be told from their values."""
    return (draw.permutation(3 * count)[:count].numpy() + 5).astype(dtype)


@pytest.mark.parametrize(("batch_size", "context_length"), [(1, 1), (1, 9), (8, 1), (5, 16), (32, 7)])
def test_rows_are_windows_and_targets_their_successors(adapters, check, draw, batch_size, context_length):
    dataset = different_tokens(draw, 500)
    batch = adapters.run_get_batch(dataset, batch_size, context_length, "cpu")
    check_windows(check, batch, dataset, batch_size, context_length)


@pytest.mark.parametrize("dtype", ["uint16", "int32", "int64", "uint32", "uint8", "int16"])
def test_tokens_of_any_integer_dtype_become_int64(adapters, check, draw, dtype):
    dataset = different_tokens(draw, 80, dtype)
    check_windows(check, adapters.run_get_batch(dataset, 6, 10, "cpu"), dataset, 6, 10)


@pytest.mark.parametrize(("dtype", "token"), [("uint16", 65535), ("uint32", 2**32 - 1), ("int64", 2**40 + 1)])
def test_large_tokens_keep_their_value(adapters, check, dtype, token):
    dataset = numpy.array([token, token - 1, token - 2], dtype=dtype)
    check_windows(check, adapters.run_get_batch(dataset, 2, 2, "cpu"), dataset, 2, 2)


@pytest.mark.parametrize("context_length", [1, 2, 17])
def test_data_with_a_single_window(adapters, check, draw, context_length):
    dataset = different_tokens(draw, context_length + 1)
    batch = adapters.run_get_batch(dataset, 4, context_length, "cpu")
    check_windows(check, batch, dataset, 4, context_length)


def test_every_start_occurs_the_first_and_the_last_too(adapters, check, draw):
    dataset = different_tokens(draw, 13)
    starts = check_windows(check, adapters.run_get_batch(dataset, 600, 10, "cpu"), dataset, 600, 10)
    # A right answer misses one of the three starts with a probability of 3 (2/3)^600 < 1e-100.
    check.equal(sorted(set(starts)), [0, 1, 2], who=f"{WHO} as the starts of 600 windows of 10 in 13 tokens")


def test_a_batch_may_be_larger_than_the_number_of_windows(adapters, check, draw):
    dataset = different_tokens(draw, 20)
    check_windows(check, adapters.run_get_batch(dataset, 100, 15, "cpu"), dataset, 100, 15)


def test_starts_are_equally_likely(adapters, check, draw):
    dataset = different_tokens(draw, 15)
    starts = check_windows(check, adapters.run_get_batch(dataset, 8000, 5, "cpu"), dataset, 8000, 5)
    counts = torch.bincount(torch.tensor(starts), minlength=10).double()
    statistic = float(((counts - 800) ** 2 / 800).sum())
    # Chi-squared with 9 degrees of freedom exceeds 100 with a probability below 1e-16.
    check.that(
        statistic < 100,
        f"{WHO}: some starts are more likely than others (chi-squared is {statistic:.0f}; 9 is usual)",
    )


def test_starts_are_independent_of_each_other(adapters, check, draw):
    dataset = different_tokens(draw, 5000)
    starts = sorted(check_windows(check, adapters.run_get_batch(dataset, 40, 8, "cpu"), dataset, 40, 8))
    steps = {later - sooner for sooner, later in itertools.pairwise(starts)}
    check.that(len(steps) > 3, f"{WHO}: the starts of 40 windows are evenly spaced; expected each drawn by itself")


def test_every_call_draws_anew(drivers, check, draw):
    dataset = different_tokens(draw, 5000)
    batches = drivers.batches_after_seeds(dataset, 16, 8, [None] * 3)
    check.equal(len(batches), 3, who="the number of batches")
    starts = [check_windows(check, batch, dataset, 16, 8) for batch in batches]
    check.that(
        starts[0] != starts[1] != starts[2],
        f"{WHO} drew the same windows twice; expected others in every call: do not seed in it",
    )


@pytest.mark.beyond_public_course
def test_the_global_generators_decide_the_draws(drivers, check, draw):
    dataset = different_tokens(draw, 5000)
    seed = draw.integer(0, 2**31)
    batches = drivers.batches_after_seeds(dataset, 16, 8, [seed, seed + 1, seed])
    check.equal(len(batches), 3, who="the number of batches")
    first, other, again = (check_windows(check, batch, dataset, 16, 8) for batch in batches)
    hint = "draw with torch.randint or numpy.random.randint, so that a run can be repeated"
    check.equal(again, first, who=f"{WHO}, after seeding torch, numpy and random again, as starts", hint=hint)
    check.that(other != first, f"{WHO} drew the same windows after another seed; expected other ones")


@pytest.mark.beyond_public_course
def test_the_batch_is_on_the_device_asked_for(drivers, check, draw):
    placed = drivers.batch_placement(different_tokens(draw, 40), 3, 5, "meta")
    check.equal(placed, [([3, 5], "int64", "meta")] * 2, who=f"{WHO}(device='meta') as shape, dtype and device")


def test_an_unknown_device_is_an_error(adapters, check, draw):
    check.rejects(adapters.run_get_batch, different_tokens(draw, 40), 3, 5, "warp:99", who=f"{WHO}(device='warp:99')")


@pytest.mark.beyond_public_course
def test_inputs_and_targets_do_not_share_memory(drivers, check, draw):
    dataset = different_tokens(draw, 60)
    before, after, data = drivers.batch_overwritten(dataset, 1, 12)
    check.equal(after, before, who=f"{WHO}, once its inputs were overwritten, as targets")
    check.equal(data, torch.from_numpy(dataset), who=f"{WHO}, once its inputs were overwritten, as the data")


def test_tokens_may_come_from_a_memory_map(drivers, check, draw):
    dataset = different_tokens(draw, 3000, "uint16")
    check_windows(check, drivers.batch_from_memory_map(dataset, 20, 30), dataset, 20, 30)


def test_only_the_windows_are_read_from_a_memory_map(drivers, check):
    size = 2**24
    read = drivers.bytes_read_for_a_batch(size, 8, 64)
    check.that(
        read is None or read < size // 2,
        f"{WHO} read {read} bytes of a file of {2 * size} for 8 short windows; expected only the windows",
    )
