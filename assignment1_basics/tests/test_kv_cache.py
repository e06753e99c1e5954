"""A key-value cache: logits as if all tokens had been given at once, without another look at the old ones."""

import pytest
import torch

from assignment1_basics.tests import cached_generation as cached

RTOL = 1e-4
WHO, GENERATE = "CachedTransformerLM with a cache", "generate_with_cache"

CHUNKS = {
    "step_by_step": [1] * 10,
    "prefill_then_steps": [6, 1, 1, 1, 1],
    "steps_then_a_chunk": [1, 1, 5, 3],
    "all_at_once": [10],
    "chunks": [4, 3, 3],
}


def check_logits(check, found, expected, chunks, hint=""):
    check.that(len(found) == len(chunks), f"{WHO} returned {len(found)} tensors for {len(chunks)} chunks")
    start = 0
    for logits, chunk in zip(found, chunks, strict=True):
        end = start + chunk.shape[1]
        check.close(
            logits, expected[:, start:end], rtol=RTOL, dtype=torch.float32,
            who=f"{WHO}, given tokens {start} to {end - 1}", hint=hint,
        )  # fmt: skip
        start = end


@pytest.mark.parametrize("lengths", CHUNKS.values(), ids=CHUNKS)
def test_logits_are_those_of_the_full_forward_pass(drivers, check, draw, lengths):
    sizes = cached.model(draw)
    tokens = draw.integers(0, 40, 2, sum(lengths))
    chunks = list(tokens.split(lengths, dim=1))
    found, _ = drivers.cached_logits(sizes, 12, chunks)
    check_logits(
        check, found, cached.logits(sizes, tokens), chunks,
        hint="new tokens see all cached ones and, of themselves, none that come later; positions go on",
    )  # fmt: skip


@pytest.mark.parametrize("sizes", [{"num_layers": 1}, {"num_layers": 4}, {"num_heads": 1}, {"num_heads": 8}], ids=str)
def test_every_layer_and_every_head_has_its_own_past(drivers, check, draw, sizes):
    model = cached.model(draw, **sizes)
    tokens = draw.integers(0, 40, 2, 8)
    chunks = list(tokens.split([3, 1, 2, 1, 1], dim=1))
    found, _ = drivers.cached_logits(model, 12, chunks)
    check_logits(check, found, cached.logits(model, tokens), chunks)


@pytest.mark.parametrize("dtype", ["float64", "bfloat16"])
def test_the_cache_is_in_the_precision_of_the_model(drivers, check, draw, dtype):
    sizes = cached.model(draw)
    chunks = list(draw.integers(0, 40, 3, 10).split([5, 1, 3, 1], dim=1))
    whole, stepwise = drivers.logits_without_and_with_cache(sizes, 12, chunks, dtype)
    check.close(
        stepwise, whole, rtol=5e-5 if dtype == "float64" else 0.1, constant=True, dtype=getattr(torch, dtype),
        who=f"{WHO}, in {dtype}", hint="expected are the logits that the same model gives without a cache",
    )  # fmt: skip


def test_without_a_cache_it_is_a_transformer_lm(drivers, check, draw):
    sizes = cached.model(draw)
    tokens = draw.integers(0, 40, 3, 9)
    whole, _ = drivers.logits_without_and_with_cache(sizes, 12, [tokens], "float32")
    expected = cached.logits(sizes, tokens)
    check.close(whole, expected, rtol=RTOL, dtype=torch.float32, who="CachedTransformerLM without a cache")


def test_rows_of_a_batch_do_not_mix(drivers, check, draw):
    sizes = cached.model(draw)
    tokens = draw.integers(0, 40, 5, 7)
    changed = tokens.clone()
    changed[2] = (tokens[2] + draw.integers(1, 40, 7)) % 40
    (before, _), (after, _) = (
        drivers.cached_logits(sizes, 7, list(each.split([4, 1, 2], dim=1))) for each in (tokens, changed)
    )
    check_logits(check, before, cached.logits(sizes, tokens), tokens.split([4, 1, 2], dim=1))
    check_logits(
        check, after, cached.logits(sizes, changed), changed.split([4, 1, 2], dim=1),
        hint="row 2 was given other tokens than before",
    )  # fmt: skip


def test_two_caches_take_turns_with_one_model(drivers, check, draw):
    sizes = cached.model(draw)
    first, second = draw.integers(0, 40, 2, 8), draw.integers(0, 40, 3, 8)
    found = drivers.cached_logits_by_turns(sizes, 8, list(first.split([5, 1, 1, 1], 1)), list(second.split(2, 1)))
    check_logits(check, found[0], cached.logits(sizes, first), first.split([5, 1, 1, 1], 1))
    check_logits(
        check, found[1], cached.logits(sizes, second), second.split(2, 1), hint="the past belongs to the cache"
    )


def test_length_counts_the_tokens_seen(drivers, check, draw):
    sizes = cached.model(draw)
    _, lengths = drivers.cached_logits(sizes, 12, list(draw.integers(0, 40, 3, 9).split([4, 1, 3, 1], dim=1)))
    check.equal(lengths, [4, 5, 8, 9], who="KVCache.length after chunks of 4, 1, 3 and 1 tokens")


@pytest.mark.parametrize("prefill", [1, 24])
def test_a_step_does_not_compute_the_past_again(drivers, check, draw, prefill):
    sizes = cached.model(draw, context_length=32)
    chunks = list(draw.integers(0, 40, 2, prefill + 2).split([prefill, 1, 1], dim=1))
    _, *steps = cached.products(drivers, check, sizes, 32, chunks)
    for number, products in enumerate(steps, 1):
        taken, due = cached.flops(products), cached.flops_of_a_chunk(sizes, 2, 1, prefill + number)
        check.that(
            0 < taken <= 1.5 * due,
            f"{WHO} took {taken} FLOP of matrix products for one token after {prefill + number - 1}; "
            f"expected about {due}: projections of the new token, and its attention to all that are cached",
        )


def test_a_chunk_costs_what_its_own_tokens_cost(drivers, check, draw):
    sizes = cached.model(draw, context_length=32)
    chunks = list(draw.integers(0, 40, 2, 28).split([20, 8], dim=1))
    _, products = cached.products(drivers, check, sizes, 32, chunks)
    taken, due = cached.flops(products), cached.flops_of_a_chunk(sizes, 2, 8, 28)
    check.that(
        0 < taken <= 1.5 * due,
        f"{WHO} took {taken} FLOP of matrix products for 8 tokens after 20; expected about {due}",
    )


def test_the_cache_can_be_filled_to_the_last_place(drivers, check, draw):
    sizes = cached.model(draw)
    tokens = draw.integers(0, 40, 2, 12)
    chunks = list(tokens.split([7, 4, 1], dim=1))
    found, lengths = drivers.cached_logits(sizes, 12, chunks)
    check.equal(lengths, [7, 11, 12], who="KVCache.length")
    check_logits(check, found, cached.logits(sizes, tokens), chunks)


@pytest.mark.parametrize(
    ("room", "before", "refused"), [(8, 5, 4), (8, 5, 30), (8, 1, 8), (20, 9, 4)],
    ids=["one_too_many", "far_too_many", "one_too_many_at_once", "beyond_the_context"],
)  # fmt: skip
def test_what_does_not_fit_raises_and_leaves_the_cache_as_it_was(drivers, check, draw, room, before, refused):
    sizes = cached.model(draw)  # of context_length 12
    tokens, other = draw.integers(0, 40, 2, before + 3), draw.integers(0, 40, 2, refused)
    raised, lengths, logits = drivers.around_a_refusal(sizes, room, tokens[:, :before], other, tokens[:, before:])
    check.equal(
        raised, "ValueError",
        who=f"what {WHO} of max_length {room} raised ('' for nothing), given {refused} tokens after {before}, is",
    )  # fmt: skip
    check.equal(lengths, [before, before], who="KVCache.length before and after tokens that do not fit")
    expected = cached.logits(sizes, tokens)[:, before:]
    check.close(logits, expected, rtol=RTOL, dtype=torch.float32, who=f"{WHO} after it has refused tokens")


def test_another_batch_size_raises_and_leaves_the_cache_as_it_was(drivers, check, draw):
    sizes = cached.model(draw)
    tokens = draw.integers(0, 40, 3, 7)
    raised, lengths, logits = drivers.around_a_refusal(
        sizes, 12, tokens[:, :4], draw.integers(0, 40, 1, 2), tokens[:, 4:]
    )
    check.equal(raised, "ValueError", who=f"what {WHO} raised ('' for nothing), given 1 row after 3, is")
    check.equal(lengths, [4, 4], who="KVCache.length before and after another batch size")
    expected = cached.logits(sizes, tokens)[:, 4:]
    check.close(logits, expected, rtol=RTOL, dtype=torch.float32, who=f"{WHO} after it has refused a batch")


def test_a_cache_keeps_no_graph_and_a_call_without_one_does(drivers, check, draw):
    chunks = list(draw.integers(0, 40, 2, 6).split([4, 1, 1], dim=1))
    found = drivers.autograd_with_and_without_cache(cached.model(draw), 12, chunks)
    check.equal(found["cached"], [False] * 3, who="whether logits require a gradient, with a cache,")
    check.equal(found["whole"], [True], who="whether logits require a gradient, without a cache,")
    check.equal(found["enabled"], [True] * 4, who="whether autograd is on after each call")


@pytest.mark.parametrize(("batch", "prompt", "new"), [(1, 1, 8), (3, 5, 6), (2, 11, 2), (4, 12, 1)])
def test_generation_takes_the_likeliest_token_of_the_full_forward_pass(drivers, check, draw, batch, prompt, new):
    sizes, prompts, expected = cached.clear_cut(draw, batch, prompt, new)
    tokens, after, _ = drivers.generated_with_cache(sizes, prompts, new)
    check.equal(tokens, expected, who=GENERATE, hint="every row goes on with the largest of its own last logits")
    check.equal(after, prompts, who=f"{GENERATE}'s prompts after the call")


def test_generation_may_use_the_whole_context_and_no_more(drivers, check, draw):
    sizes, prompts, expected = cached.clear_cut(draw, 2, 4, 9)  # the model sees 4 + 8 of at most 12
    tokens, _, _ = drivers.generated_with_cache(sizes, prompts, 9)
    check.equal(tokens, expected, who=GENERATE, hint="the model never sees the last new token")
    check.rejects(drivers.generated_with_cache, sizes, prompts, 10, who=f"{GENERATE} beyond context_length")


def test_generation_needs_a_prompt_and_may_add_nothing(drivers, check, draw):
    sizes = cached.model(draw)
    none = torch.zeros(2, 0, dtype=torch.int64)
    check.rejects(drivers.generated_with_cache, sizes, none, 3, who=f"{GENERATE} with empty prompts")
    tokens, _, _ = drivers.generated_with_cache(sizes, draw.integers(0, 40, 2, 5), 0)
    check.equal(tokens, none, who=f"{GENERATE} of 0 new tokens")


def test_generation_looks_at_each_token_once(drivers, check, draw):
    sizes = cached.model(draw, context_length=40)
    _, _, products = drivers.generated_with_cache(sizes, draw.integers(0, 40, 2, 10), 20)
    due = cached.flops_of_a_chunk(sizes, 2, 10, 10) + sum(
        cached.flops_of_a_chunk(sizes, 2, 1, 10 + step) for step in range(1, 20)
    )
    taken = cached.flops(products)
    check.that(
        taken <= 1.5 * due,
        f"{GENERATE} took {taken} FLOP of matrix products for 20 tokens after 10; expected about {due}",
    )
