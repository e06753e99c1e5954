"""Decoding: what the top-p filter keeps, how tokens are drawn, and the loop around the model."""

import pytest
import torch

FILTER, SAMPLE, GENERATE = "run_top_p_filter", "run_sample_next", "run_generate"
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)


def distributions(draw, *shape, dtype=torch.float32):
    return (2 * draw.normal(*shape, dtype=torch.float64)).softmax(-1).to(dtype)


def filtered(probs, p):
    """One distribution at a time: take tokens by falling probability until they hold p."""
    rows = []
    for row in probs.reshape(-1, probs.shape[-1]).double():
        order, kept, held = row.argsort(descending=True), torch.zeros_like(row), 0.0
        for token in order.tolist():
            kept[token] = row[token]
            held += float(row[token])
            if held >= p:
                break
        rows.append(kept / kept.sum())
    return torch.stack(rows).reshape(probs.shape)


def check_frequencies(check, tokens, probs, who, hint=""):
    """`tokens` look drawn from `probs`: nothing impossible, and chi-squared within reason."""
    check.that(len(tokens) > 0, f"{who} drew nothing; expected tokens")
    check.that(all(0 <= token < len(probs) for token in tokens), f"{who} drew what is no token")
    counts = torch.bincount(torch.tensor(tokens), minlength=len(probs)).double()
    impossible = int((counts[probs == 0] > 0).sum())
    check.that(impossible == 0, f"{who} drew {impossible} tokens of probability 0; expected none of them. {hint}")
    expected = probs[probs > 0].double() * len(tokens)
    statistic = float(((counts[probs > 0] - expected) ** 2 / expected).sum())
    # With at most 8 tokens: chi-squared with 7 degrees of freedom exceeds 110 with a probability below 1e-20.
    check.that(
        statistic < 110,
        f"{who}: the frequencies of {len(tokens)} draws are not those of the distribution (chi-squared is "
        f"{statistic:.0f}; {len(expected) - 1} is usual). {hint}",
    )


def steep_table(draw, size=12):
    """Every row has one likeliest token by far, and no two positions agree."""
    table = draw.normal(size, size)
    table[torch.arange(size), draw.permutation(size)] += 9.0
    return table


def greedy(table, prompt, count):
    tokens = [prompt[-1]]
    for _ in range(count):
        tokens.append(int(table[tokens[-1]].argmax()))
    return tokens[1:]


# The filter


@DTYPES
@pytest.mark.parametrize("p", [0.15, 0.5, 0.8, 0.97])
def test_the_smallest_set_that_holds_p_stays(adapters, check, draw, dtype, p):
    probs = distributions(draw, 11, dtype=dtype)
    check.close(
        adapters.run_top_p_filter(probs, p), filtered(probs, p), rtol=1e-5, dtype=dtype, who=FILTER,
        hint="the token that crosses p stays, and what stays sums to 1",
    )  # fmt: skip


@pytest.mark.parametrize("shape", [(4, 9), (2, 3, 7), (1, 1)])
def test_every_distribution_is_filtered_for_itself(adapters, check, draw, shape):
    probs = distributions(draw, *shape)
    expected = filtered(probs, 0.6)
    constant = shape == (1, 1)
    check.close(
        adapters.run_top_p_filter(probs, 0.6), expected, rtol=1e-5, dtype=torch.float32, who=FILTER,
        constant=constant,
    )  # fmt: skip


def test_the_token_that_crosses_p_stays(adapters, check):
    probs = torch.tensor([0.125, 0.5, 0.25, 0.125])
    expected = torch.tensor([0.0, 0.5, 0.25, 0.0]) / 0.75
    check.close(adapters.run_top_p_filter(probs, 0.6), expected, rtol=1e-6, who=FILTER)


def test_a_sum_of_exactly_p_is_enough(adapters, check):
    probs = torch.tensor([0.125, 0.5, 0.25, 0.125])
    expected = torch.tensor([0.0, 0.5, 0.25, 0.0]) / 0.75
    check.close(adapters.run_top_p_filter(probs, 0.75), expected, rtol=1e-6, who=FILTER)


@pytest.mark.parametrize("p", [0.0, 1e-9, 0.01])
def test_a_tiny_p_keeps_the_likeliest_token(adapters, check, draw, p):
    probs = distributions(draw, 3, 10)
    expected = torch.zeros(3, 10).scatter(1, probs.argmax(-1, keepdim=True), 1.0)
    check.equal(adapters.run_top_p_filter(probs, p), expected, who=FILTER)


@pytest.mark.parametrize("p", [1.0, 1.5])
def test_from_p_1_on_everything_stays(adapters, check, draw, p):
    probs = distributions(draw, 5, 300)
    probs[:, 7] = 1e-12  # less than what a float32 sum of the others can tell
    probs = probs / probs.sum(-1, keepdim=True)  # distributions: scaling them again changes nothing
    check.close(adapters.run_top_p_filter(probs, p), probs, rtol=1e-5, who=FILTER)
    kept = adapters.run_top_p_filter(probs, p)[:, 7]
    check.that(bool((kept > 0).all()), f"{FILTER}(p={p}) removed an unlikely token; expected all to stay")


def test_of_equally_likely_tokens_as_many_stay_as_p_needs(adapters, check):
    result = adapters.run_top_p_filter(torch.full((8,), 0.125), 0.5)
    check.close(result.sort().values, torch.tensor([0.0] * 4 + [0.25] * 4), rtol=1e-6, who=f"{FILTER}, sorted,")


def test_impossible_tokens_stay_impossible(adapters, check, draw):
    probs = distributions(draw, 6, 10)
    probs[:, ::2] = 0.0
    probs = probs / probs.sum(-1, keepdim=True)
    result = adapters.run_top_p_filter(probs, 0.9)
    check.close(result, filtered(probs, 0.9), rtol=1e-5, dtype=torch.float32, who=FILTER)


def test_the_filter_leaves_its_argument_alone(drivers, check, draw):
    probs = distributions(draw, 3, 10)
    _, after = drivers.call_keeping_arguments("run_top_p_filter", {"probs": probs, "p": 0.5})
    check.equal(after["probs"], probs, who=f"probs after {FILTER}")


# Drawing


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_tokens_follow_the_tempered_softmax(drivers, check, draw, temperature):
    logits = draw.normal(6, scale=1.5)
    tokens = drivers.samples(logits, temperature, 1.0, draw.integer(0, 2**31), 1500)
    check_frequencies(
        check, tokens, (logits.double() / temperature).softmax(-1), SAMPLE, "temperature divides the logits"
    )


def test_the_filter_sees_the_tempered_distribution(drivers, check):
    logits = torch.tensor([3.0, 2.0, 1.0, 0.0, -1.0])
    for temperature in (0.5, 3.0):
        probs = filtered((logits.double() / temperature).softmax(-1), 0.7)
        tokens = drivers.samples(logits, temperature, 0.7, 5, 700)
        check_frequencies(check, tokens, probs, SAMPLE, "first the temperature, then top-p")


def test_temperature_0_takes_the_largest_logit(drivers, check, draw):
    logits = draw.normal(40)
    tokens = drivers.samples(logits, 0.0, 1.0, 3, 4)
    check.equal(tokens, [int(logits.argmax())] * 4, who=f"{SAMPLE}(temperature=0)")


def test_a_tiny_top_p_takes_the_largest_logit(drivers, check, draw):
    logits = draw.normal(40)
    tokens = drivers.samples(logits, 1.0, 1e-6, 3, 20)
    check.equal(tokens, [int(logits.argmax())] * 20, who=f"{SAMPLE}(top_p=1e-6)")


@pytest.mark.parametrize("temperature", [1.0, 0.01])
def test_large_logits_do_not_overflow(drivers, check, temperature):
    logits = torch.tensor([20000.0, 20000.0 - 800 * temperature, -torch.inf, 20000.0])
    tokens = drivers.samples(logits, temperature, 1.0, 9, 200)
    check_frequencies(check, tokens, torch.tensor([0.5, 0.0, 0.0, 0.5]), SAMPLE)


def test_the_same_seed_draws_the_same_tokens(drivers, check, draw):
    logits, seed = draw.normal(50), draw.integer(0, 2**31)
    tokens = drivers.samples(logits, 1.0, 1.0, seed, 30)
    check.equal(drivers.samples(logits, 1.0, 1.0, seed, 30), tokens, who=f"{SAMPLE} with the same seed")
    other = drivers.samples(logits, 1.0, 1.0, seed + 1, 30)
    check.that(other != tokens, f"{SAMPLE} drew the same 30 tokens with another seed; expected the generator to decide")


def test_without_a_generator_the_global_one_decides(drivers, check, draw):
    logits, seed = draw.normal(50), draw.integer(0, 2**31)
    first, again, other = (
        drivers.samples(logits, 1.0, 1.0, 0, 30, global_seed=value) for value in (seed, seed, seed + 1)
    )
    check.equal(again, first, who=f"{SAMPLE}(generator=None) after the same torch.manual_seed")
    check.that(other != first, f"{SAMPLE}(generator=None) drew the same 30 tokens after another torch.manual_seed")


# The loop


def test_greedy_decoding_follows_the_last_token(drivers, check, draw):
    table, prompt = steep_table(draw), draw.integers(0, 12, 4).tolist()
    tokens = drivers.generate_from_table(table, prompt, 10, temperature=0.0)["tokens"]
    check.equal(
        tokens, greedy(table, prompt, 10), who=GENERATE, hint="the new tokens only, each from the last position"
    )


@pytest.mark.parametrize("count", [0, 1, 5])
def test_as_many_tokens_as_asked_for(drivers, check, draw, count):
    tokens = drivers.generate_from_table(draw.normal(9, 9), [1, 2], count)["tokens"]
    check.equal(len(tokens), count, who=f"len of what {GENERATE}(max_new_tokens={count}) returned,")


def test_a_drawn_end_token_is_the_last(drivers, check):
    size = 8
    table = torch.zeros(size, size)
    table[torch.arange(size), (torch.arange(size) + 1) % size] = 9.0
    tokens = drivers.generate_from_table(table, [1], 20, temperature=0.0, eos_token_id=5)["tokens"]
    check.equal(tokens, [2, 3, 4, 5], who=GENERATE, hint="the end token is part of the result")


def test_an_end_token_in_the_prompt_ends_nothing(drivers, check, draw):
    table = draw.normal(9, 9)
    table[:, 4] = -100.0
    tokens = drivers.generate_from_table(table, [4, 1, 4], 6, eos_token_id=4)["tokens"]
    check.equal(len(tokens), 6, who=f"len of what {GENERATE} returned after a prompt with the end token,")


def test_end_token_0_is_a_token(drivers, check):
    table = torch.zeros(3, 3)
    table[:, 0] = 9.0
    tokens = drivers.generate_from_table(table, [1], 7, temperature=0.0, eos_token_id=0)["tokens"]
    check.equal(tokens, [0], who=f"{GENERATE}(eos_token_id=0)")
    tokens = drivers.generate_from_table(table, [1], 7, temperature=0.0)["tokens"]
    check.equal(tokens, [0] * 7, who=f"{GENERATE}(eos_token_id=None)")


@pytest.mark.parametrize("context_length", [1, 3, 6, 50, None])
def test_the_model_sees_the_last_context_length_tokens(drivers, check, draw, context_length):
    prompt = draw.integers(0, 12, 5).tolist()
    run = drivers.generate_from_table(steep_table(draw), prompt, 8, 0.0, context_length=context_length)
    whole = prompt + run["tokens"]
    expected = [
        whole[: 5 + step] if context_length is None else whole[: 5 + step][-context_length:] for step in range(8)
    ]
    check.equal(run["calls"][:8], expected, who=f"{GENERATE}(context_length={context_length}), as ids given,")


def test_the_model_is_called_with_one_row_of_int64(drivers, check, draw):
    run = drivers.generate_from_table(draw.normal(9, 9), [3, 1], 3, context_length=3)
    expected = [([1, 2], "int64", "cpu"), ([1, 3], "int64", "cpu"), ([1, 3], "int64", "cpu")]
    check.equal(run["described"][:3], expected, who=f"{GENERATE}, as shape, dtype and device of the ids,")


def test_temperature_and_top_p_reach_the_draws(drivers, check, draw):
    logits = draw.normal(6, scale=1.5)
    run = drivers.generate_from_table(logits.expand(6, 6).contiguous(), [0], 1200, 0.6, 0.85, context_length=1)
    expected = filtered((logits.double() / 0.6).softmax(-1), 0.85)
    check_frequencies(check, run["tokens"], expected, GENERATE)


def test_the_generator_decides_the_continuation(drivers, check, draw):
    table, seed = draw.normal(40, 40), draw.integer(0, 2**31)
    first = drivers.generate_from_table(table, [5], 30, seed=seed, global_seed=1)["tokens"]
    again = drivers.generate_from_table(table, [5], 30, seed=seed, global_seed=2)["tokens"]
    other = drivers.generate_from_table(table, [5], 30, seed=seed + 1, global_seed=1)["tokens"]
    check.equal(again, first, who=f"{GENERATE} with the same generator after another torch.manual_seed")
    check.that(other != first, f"{GENERATE} drew the same 30 tokens with a generator of another seed")


def test_a_generator_goes_on_from_call_to_call(drivers, check, draw):
    first, second = drivers.generate_twice_from_one_generator(draw.normal(40, 40), [5], 30, 7)
    check.that(first != second, f"{GENERATE} drew the same 30 tokens twice from one generator: do not seed in it")


@pytest.mark.parametrize("training", [True, False])
def test_the_model_is_in_evaluation_mode_only_meanwhile(drivers, check, draw, training):
    run = drivers.generate_from_table(draw.normal(9, 9), [3, 1], 3, training=training)
    check.equal([mode for mode, _ in run["modes"]][:3], [False] * 3, who=f"model.training within {GENERATE}")
    check.equal(run["training"], training, who=f"model.training after {GENERATE}")


def test_the_model_is_called_with_autograd_off(drivers, check, draw):
    run = drivers.generate_from_table(draw.normal(9, 9), [3, 1], 3)
    check.equal([grad for _, grad in run["modes"]][:3], [False] * 3, who=f"grad mode within {GENERATE}")
    check.equal(run["grad_enabled"], True, who=f"grad mode after {GENERATE}")


def test_modes_come_back_after_a_failure(drivers, check, draw):
    modes = drivers.training_mode_after_a_failure(draw.normal(9, 9), [1])
    check.equal(modes, (True, True), who=f"model.training and grad mode after {GENERATE} with a failing model")


def test_any_function_is_a_model(drivers, check, draw):
    table, prompt = steep_table(draw), [3]
    tokens = drivers.generate_from_table(table, prompt, 6, temperature=0.0, as_function=True)["tokens"]
    check.equal(tokens, greedy(table, prompt, 6), who=f"{GENERATE} with a function as the model")


def test_the_prompt_is_not_changed(drivers, check, draw):
    run = drivers.generate_from_table(draw.normal(9, 9), [3, 1], 3)
    check.equal(run["prompt"], [3, 1], who=f"the prompt after {GENERATE}")


def test_an_empty_prompt_is_an_error(drivers, check, draw):
    check.rejects(drivers.generate_from_table, draw.normal(9, 9), [], 3, 0.0, who=f"{GENERATE} with an empty prompt")
