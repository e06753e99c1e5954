"""A key-value cache at random sizes, chunk lengths, batch sizes and limits."""

import pytest
import torch

from assignment1_basics.tests import cached_generation as cached

WHO, GENERATE = "CachedTransformerLM with a cache", "generate_with_cache"


def random_model(draw, context_length):
    num_heads = draw.integer(1, 5)
    return cached.model(
        draw,
        vocab_size=draw.integer(20, 60),
        context_length=context_length,
        d_model=num_heads * draw.choice([4, 6, 8]),
        num_layers=draw.integer(1, 4),
        num_heads=num_heads,
        d_ff=draw.integer(10, 40),
    )


def random_lengths(draw, total):
    lengths = []
    while sum(lengths) < total:
        lengths.append(min(draw.choice([1, 1, 2, 3, 7]), total - sum(lengths)))
    return lengths


def tokens_of(draw, sizes, *shape):
    return draw.integers(0, sizes["vocab_size"], *shape)


@pytest.mark.parametrize("case", range(5))
def test_random_chunks(drivers, check, draw, case):
    total = draw.integer(5, 24)
    sizes = random_model(draw, total + case % 2)
    tokens, lengths = tokens_of(draw, sizes, draw.integer(1, 5), total), random_lengths(draw, total)
    found, counted = drivers.cached_logits(sizes, total, list(tokens.split(lengths, dim=1)))
    check.equal(counted, torch.tensor(lengths).cumsum(0).tolist(), who="KVCache.length")
    check.that(len(found) == len(lengths), f"{WHO} returned {len(found)} tensors for {len(lengths)} chunks")
    for logits, expected in zip(found, cached.logits(sizes, tokens).split(lengths, dim=1), strict=True):
        check.close(logits, expected.contiguous(), rtol=1e-4, dtype=torch.float32, who=f"{WHO}, in chunks of {lengths}")


@pytest.mark.parametrize("case", range(2))
def test_steps_agree_with_the_whole_in_float64(drivers, check, draw, case):
    sizes = random_model(draw, 20)
    lengths = random_lengths(draw, 18)
    chunks = list(tokens_of(draw, sizes, 3, 18).split(lengths, dim=1))
    whole, stepwise = drivers.logits_without_and_with_cache(sizes, 18 + case, chunks, "float64")
    check.close(stepwise, whole, rtol=5e-5, constant=True, who=f"{WHO} in float64, in chunks of {lengths}")


def test_theta_is_that_of_the_model(drivers, check, draw):
    sizes = {**cached.model(draw), "rope_theta": 30.0}
    tokens = tokens_of(draw, sizes, 2, 9)
    found, _ = drivers.cached_logits(sizes, 12, list(tokens.split([5, 1, 3], dim=1)))
    expected = cached.logits(sizes, tokens).split([5, 1, 3], dim=1)
    for logits, wanted in zip(found, expected, strict=True):
        check.close(logits, wanted.contiguous(), rtol=1e-4, dtype=torch.float32, who=f"{WHO} and theta 30")


def test_caches_of_different_length_take_turns(drivers, check, draw):
    sizes = random_model(draw, 16)
    texts, lengths = [tokens_of(draw, sizes, 2, n) for n in (16, 7)], [[10, 1, 4, 1], [1, 3, 1, 2]]
    found = drivers.cached_logits_by_turns(
        sizes, 16, *(list(text.split(each, dim=1)) for text, each in zip(texts, lengths, strict=True))
    )
    for text, logits in zip(texts, found, strict=True):
        check.close(
            torch.cat(logits, dim=1), cached.logits(sizes, text), rtol=1e-4, dtype=torch.float32,
            who=f"{WHO}, by turns with another",
        )  # fmt: skip


@pytest.mark.parametrize("case", range(3))
def test_random_chunks_that_do_not_fit(drivers, check, draw, case):
    context_length = draw.integer(8, 20)
    room = context_length + (case - 1) * 3  # less than the context, as much, more
    sizes = random_model(draw, context_length)
    most = min(room, context_length)
    before = draw.integer(1, most - 1)
    refused = most - before + draw.integer(1, 4)
    tokens = tokens_of(draw, sizes, 2, most)
    raised, lengths, logits = drivers.around_a_refusal(
        sizes, room, tokens[:, :before], tokens_of(draw, sizes, 2, refused), tokens[:, before:]
    )
    check.equal((raised, lengths), ("ValueError", [before, before]), who=f"{WHO} that has no room, raising and growing")
    expected = cached.logits(sizes, tokens)[:, before:]
    check.close(logits, expected, rtol=1e-4, dtype=torch.float32, who=f"{WHO} after it has refused tokens")


def test_steps_late_in_a_long_text_are_cheap(drivers, check, draw):
    sizes = cached.model(draw, context_length=100, num_layers=3)
    chunks = list(tokens_of(draw, sizes, 3, 96).split([90, 1, 4, 1], dim=1))
    _, *steps = cached.products(drivers, check, sizes, 96, chunks)
    for new, length, products in zip((1, 4, 1), (91, 95, 96), steps, strict=True):
        taken, due = cached.flops(products), cached.flops_of_a_chunk(sizes, 3, new, length)
        check.that(
            0 < taken <= 1.5 * due,
            f"{WHO} took {taken} FLOP of matrix products for {new} tokens that end a text of {length}; "
            f"expected about {due}",
        )


@pytest.mark.parametrize("case", range(3))
def test_generation_at_random_sizes(drivers, check, draw, case):
    batch, prompt, new = draw.integer(1, 5), draw.integer(1, 9), draw.integer(2, 9)
    sizes, prompts, expected = cached.clear_cut(draw, batch, prompt, new, context_length=prompt + new - 1 + case)
    tokens, _, products = drivers.generated_with_cache(sizes, prompts, new)
    check.equal(tokens, expected, who=GENERATE)
    due = sum(cached.flops_of_a_chunk(sizes, batch, prompt if step == 0 else 1, prompt + step) for step in range(new))
    taken = cached.flops(products)
    check.that(taken <= 1.5 * due, f"{GENERATE} took {taken} FLOP of matrix products; expected about {due}")
