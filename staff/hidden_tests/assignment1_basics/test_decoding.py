"""Decoding at random sizes, thresholds, temperatures, windows and seeds."""

import pytest
import torch

FILTER, SAMPLE, GENERATE = "run_top_p_filter", "run_sample_next", "run_generate"


def kept(probs, p):
    """For each token: whether the more likely ones hold less than p. All probabilities differ."""
    more_likely = probs.unsqueeze(-2) > probs.unsqueeze(-1)  # [..., token, other]
    held = (more_likely * probs.unsqueeze(-2)).sum(-1)
    stays = probs * (held < p)
    return stays / stays.sum(-1, keepdim=True)


def chi_squared(tokens, probs):
    if not tokens or not all(0 <= token < len(probs) for token in tokens):
        return float("inf")
    counts = torch.bincount(torch.tensor(tokens), minlength=len(probs)).double()
    if bool((counts[probs == 0] > 0).any()):
        return float("inf")
    expected = probs[probs > 0].double() * len(tokens)
    return float(((counts[probs > 0] - expected) ** 2 / expected).sum())


@pytest.mark.parametrize("case", range(6))
def test_random_distributions_and_thresholds(adapters, check, draw, case):
    shape = [draw.integer(1, 4) for _ in range(case % 3)] + [draw.integer(2, 40)]
    probs = draw.normal(*shape, scale=draw.number(0.5, 4), dtype=torch.float64).softmax(-1)
    p = draw.number(0.05, 0.95)
    check.close(
        adapters.run_top_p_filter(probs, p), kept(probs, p), rtol=1e-9, who=FILTER,
        hint="the smallest set of likely tokens that holds p, in its old places, summing to 1",
    )  # fmt: skip


@pytest.mark.parametrize("case", range(4))
def test_draws_at_random_temperatures_and_thresholds(drivers, check, draw, case):
    logits = draw.normal(draw.integer(3, 8), scale=2.0)
    temperature, top_p = draw.number(0.3, 3), draw.number(0.3, 0.99)
    expected = kept((logits.double() / temperature).softmax(-1), top_p)
    tokens = drivers.samples(logits, temperature, top_p, draw.integer(0, 2**31), 800)
    statistic = chi_squared(tokens, expected)
    # At most 6 degrees of freedom: above 110 with a probability below 1e-20.
    check.that(
        statistic < 110,
        f"{SAMPLE}: the frequencies of 800 draws are not those of the distribution (chi-squared {statistic:.0f})",
    )


@pytest.mark.parametrize("case", range(3))
def test_greedy_decoding_of_random_tables(drivers, check, draw, case):
    size, length, count = draw.integer(5, 30), draw.integer(1, 9), draw.integer(2, 15)
    table, prompt = draw.normal(size, size), draw.integers(0, size, length).tolist()
    eos, window = draw.integer(0, size), draw.integer(1, 12)
    run = drivers.generate_from_table(table, prompt, count, 0.0, eos_token_id=eos, context_length=window)
    expected = [prompt[-1]]
    while len(expected) <= count and (len(expected) == 1 or expected[-1] != eos):
        expected.append(int(table[expected[-1]].argmax()))
    check.equal(run["tokens"], expected[1:], who=GENERATE)
    seen = [(prompt + run["tokens"])[: length + step][-window:] for step in range(len(run["tokens"]))]
    check.equal(run["calls"][: len(seen)], seen, who=f"{GENERATE}, as ids given to the model,")


def test_a_steep_end_token_ends_sampling_too(drivers, check, draw):
    table = torch.zeros(6, 6)
    table[:, 2] = 1.0
    runs = [drivers.generate_from_table(table, [0], 200, 1.0, eos_token_id=2, seed=s)["tokens"] for s in range(5)]
    for tokens in runs:
        # No end token among 200 draws: (1 - e / (e + 5))^200 < 1e-37.
        check.that(
            len(tokens) < 200 and tokens[-1:] == [2] and 2 not in tokens[:-1],
            f"{GENERATE} did not end with the first end token; expected it last, and only there",
        )


def test_the_global_generator_decides_without_another(drivers, check, draw):
    table, seed = draw.normal(40, 40), draw.integer(0, 2**31)
    first, again, other = (
        drivers.generate_from_table(table, [1], 25, global_seed=value, with_generator=False)["tokens"]
        for value in (seed, seed, seed + 1)
    )
    check.equal(again, first, who=f"{GENERATE} without a generator after the same torch.manual_seed")
    check.that(other != first, f"{GENERATE} without a generator ignores torch.manual_seed")


def test_half_precision_logits(drivers, check):
    logits = torch.tensor([2.0, 1.0, 0.0, -1.0], dtype=torch.bfloat16)
    statistic = chi_squared(drivers.samples(logits, 2.0, 1.0, 4, 1500), (logits.double() / 2).softmax(-1))
    check.that(statistic < 110, f"{SAMPLE}: bfloat16 logits give other frequencies (chi-squared {statistic:.0f})")
