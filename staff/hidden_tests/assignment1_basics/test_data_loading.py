"""Batches from other data: repeated tokens, long windows, memory maps, the ends of the data."""

import numpy
import pytest
import torch

WHO = "run_get_batch"


def check_shapes(check, batch, shape):
    for name, tensor in zip(("inputs", "targets"), batch, strict=True):
        got = (str(tensor.dtype).removeprefix("torch."), tuple(tensor.shape))
        check.that(got == ("int64", shape), f"{WHO} returned {name} of {got[0]} {got[1]}; expected int64 {shape}")


def starts_of(check, batch, dataset, batch_size, context_length):
    """Where the rows begin in `dataset`, whose tokens are all different; rows and targets are checked."""
    check_shapes(check, batch, (batch_size, context_length))
    inputs, targets = batch
    tokens = torch.from_numpy(dataset.astype(numpy.int64))
    place_of = {token: place for place, token in enumerate(tokens.tolist())}
    starts = torch.tensor([place_of.get(token, -1) for token in inputs[:, 0].tolist()])
    good = bool(((starts >= 0) & (starts < len(tokens) - context_length)).all())
    check.that(
        good,
        f"{WHO}: a row does not begin where a window can; expected 0 to {len(tokens) - context_length - 1}",
    )
    rows = starts.reshape(-1, 1) + torch.arange(context_length)
    check.equal(inputs, tokens[rows], who=f"{WHO} as inputs")
    check.equal(targets, tokens[rows + 1], who=f"{WHO} as targets")
    return starts.tolist()


def shuffled(draw, count, dtype="int64"):
    return draw.permutation(count).numpy().astype(dtype)


@pytest.mark.parametrize("number", range(6))
def test_random_sizes(adapters, check, draw, number):
    context_length, batch_size = draw.integer(1, 60), draw.integer(1, 50)
    dataset = shuffled(draw, context_length + draw.integer(1, 200), draw.choice(["uint16", "int32", "int64"]))
    batch = adapters.run_get_batch(dataset, batch_size, context_length, "cpu")
    starts_of(check, batch, dataset, batch_size, context_length)


def test_targets_are_the_next_token_where_tokens_repeat(adapters, check, draw):
    # A cycle of four tokens: the successor of each is known wherever the row begins.
    cycle = [7, 3, 65_000, 12]
    dataset = numpy.array(cycle * 100, dtype=numpy.uint16)
    batch = adapters.run_get_batch(dataset, 30, 11, "cpu")
    check_shapes(check, batch, (30, 11))
    inputs, targets = batch
    after = dict(zip(cycle, [*cycle[1:], cycle[0]], strict=True))
    rows = zip(inputs.tolist(), targets.tolist(), strict=True)
    good = all([after.get(token) for token in row] == following for row, following in rows)
    check.that(good, f"{WHO}: a target is not the token after its input; expected the data shifted by one")


def test_the_last_window_ends_with_the_data(adapters, check, draw):
    dataset = shuffled(draw, 34)
    batch = adapters.run_get_batch(dataset, 800, 32, "cpu")
    starts = starts_of(check, batch, dataset, 800, 32)
    check.equal(sorted(set(starts)), [0, 1], who=f"{WHO} as the starts of 800 windows of 32 in 34 tokens")


def test_starts_of_a_long_dataset_are_spread_evenly(adapters, check, draw):
    dataset = shuffled(draw, 40_000)
    starts = starts_of(check, adapters.run_get_batch(dataset, 4000, 4, "cpu"), dataset, 4000, 4)
    counts = torch.bincount(torch.tensor(starts) * 8 // 39_996, minlength=8).double()
    statistic = float(((counts - 500) ** 2 / 500).sum())
    # Chi-squared with 7 degrees of freedom exceeds 95 with a probability below 1e-16.
    check.that(statistic < 95, f"{WHO}: windows begin more often in some parts of the data than in others")


def test_rows_repeat_as_independent_draws_do(adapters, check, draw):
    # 400 draws of 500 starts: without repetition only if they were drawn without replacement (p < 1e-70).
    dataset = shuffled(draw, 505)
    starts = starts_of(check, adapters.run_get_batch(dataset, 400, 5, "cpu"), dataset, 400, 5)
    check.that(len(set(starts)) < 400, f"{WHO}: no start occurs twice in 400 draws; expected independent draws")


@pytest.mark.beyond_public_course
def test_seeds_decide_more_than_one_batch(drivers, check, draw):
    dataset, seed = shuffled(draw, 3000), draw.integer(0, 2**31)
    found = drivers.batches_after_seeds(dataset, 8, 6, [seed, None, seed, None])
    check.equal(len(found), 4, who="the number of batches")
    first, second, third, fourth = (starts_of(check, batch, dataset, 8, 6) for batch in found)
    check.equal([third, fourth], [first, second], who=f"{WHO}, after the same seed, as starts of two batches")
    check.that(first != second, f"{WHO} drew the same windows twice")


@pytest.mark.parametrize("dtype", ["uint16", "int32"])
def test_memory_maps_of_other_dtypes(drivers, check, draw, dtype):
    dataset = shuffled(draw, 900, dtype)
    starts_of(check, drivers.batch_from_memory_map(dataset, 12, 40), dataset, 12, 40)


@pytest.mark.parametrize("batch_size", [1, 64])
def test_little_of_a_memory_map_is_read(drivers, check, batch_size):
    read = drivers.bytes_read_for_a_batch(2**24, batch_size, 32)
    good = read is None or read < 2**24
    check.that(good, f"{WHO} read {read} bytes of a file of {2**25} for {batch_size} short windows")


@pytest.mark.beyond_public_course
def test_overwriting_the_inputs_changes_nothing_else(drivers, check, draw):
    dataset = shuffled(draw, 90)
    before, after, data = drivers.batch_overwritten(dataset, 4, 20)
    check.equal(after, before, who=f"{WHO}, once its inputs were overwritten, as targets")
    check.equal(data, torch.from_numpy(dataset), who=f"{WHO}, once its inputs were overwritten, as the data")


@pytest.mark.beyond_public_course
def test_a_batch_of_one_long_window_on_another_device(drivers, check, draw):
    placed = drivers.batch_placement(shuffled(draw, 101, "uint16"), 1, 100, "meta")
    check.equal(placed, [([1, 100], "int64", "meta")] * 2, who=f"{WHO}(device='meta') as shape, dtype and device")
