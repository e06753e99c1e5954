"""The sampler of assignment 5: the right distribution, the same completions in any batch, and where they end."""

import math

import pytest
import torch

from assignment5_alignment import models
from assignment5_alignment.sampling import Sampler, SamplingParams
from assignment5_alignment.sampling.chance import choose, nucleus, uniforms

PROMPTS = ["What is 12 + 6?", "A", "The correct answer is", "Write a short sentence about the river and the mountain."]


class Letters:
    """A tokenizer of the letters a to z and a space; id 27 is the end of a text."""

    eos_token_id = 27

    def encode(self, text):
        return [26 if letter == " " else ord(letter) - ord("a") for letter in text]

    def decode(self, ids, skip_special_tokens=True):
        return "".join(" " if place == 26 else chr(ord("a") + place) for place in ids if place != 27)


class Table(torch.nn.Module):
    """Logits of the next token, given the last one; counts the rows that it was given."""

    def __init__(self, table):
        super().__init__()
        self.table = torch.nn.Parameter(table)
        self.rows = []

    def forward(self, ids):
        self.rows.append(len(ids))
        return self.table[ids]


def certain(text):
    """A model that writes `text`, whose letters all differ, again and again."""
    table = torch.full((28, 28), -50.0)
    ids = [*Letters().encode(text), Letters.eos_token_id]
    for last, following in zip(ids, [*ids[1:], ids[0]], strict=True):
        table[last, following] = 50.0
    return Table(table)


def written(text, prompt, **params):
    (completion,) = Sampler(certain(text), Letters()).generate_completions([prompt], SamplingParams(**params))
    return completion.text, len(completion.token_ids), completion.finish_reason


def test_it_ends_with_the_end_of_text_or_with_the_length():
    assert written("abcdef", "ab", max_tokens=10) == ("cdef", 5, "stop")
    assert written("abcdef", "ab", max_tokens=5) == ("cdef", 5, "stop")
    assert written("abcdef", "ab", max_tokens=4) == ("cdef", 4, "length")


def test_a_stop_string_ends_it_and_is_kept_where_that_is_asked_for():
    assert written("abcdef", "a", max_tokens=9, stop=("de",)) == ("bc", 4, "stop")
    assert written("abcdef", "a", max_tokens=9, stop=("de",), include_stop_str_in_output=True) == ("bcde", 4, "stop")
    assert written("abcdef", "a", max_tokens=9, stop=("x", "c", "bc")) == ("", 2, "stop")
    assert written("abcdef", "abcd", max_tokens=9, stop=("de",)) == ("ef", 3, "stop")  # half of it is the prompt's


def test_neither_ends_it_before_the_fewest_tokens():
    assert written("abcdef", "a", max_tokens=9, stop=("bc",), min_tokens=3)[:2] == ("bcdef", 6)
    text, tokens, reason = written("abc", "a", max_tokens=9, min_tokens=5)
    assert (tokens >= 5, text[:2]) == (True, "bc")
    assert reason in ("stop", "length")
    repeating = certain("abc")
    repeating.table.data[2] = repeating.table.data[27]  # "abcabc…"
    params = SamplingParams(max_tokens=12, stop=("bc",), min_tokens=4)
    (completion,) = Sampler(repeating, Letters()).generate_completions(["a"], params)
    assert (completion.text, len(completion.token_ids)) == ("bca", 5)


def test_a_stop_string_within_a_token_cuts_the_text_and_not_the_tokens():
    tokenizer = models.tokenizer("tiny-qwen-like")
    model = models.causal_lm("tiny-qwen2")
    plain = Sampler(model, tokenizer).generate_completions(["The"], SamplingParams(max_tokens=12, seed=3))[0]
    token = next(i for i in plain.token_ids[2:] if len(tokenizer.decode([i]).strip()) >= 3)
    stop = tokenizer.decode([token]).strip()[:2]
    params = SamplingParams(max_tokens=12, seed=3, stop=(stop,))
    cut = Sampler(model, tokenizer).generate_completions(["The"], params)[0]
    assert cut.finish_reason == "stop"
    assert stop not in cut.text
    assert cut.text == plain.text[: plain.text.index(stop)]
    assert cut.token_ids == plain.token_ids[: len(cut.token_ids)]
    assert len(tokenizer.decode(cut.token_ids)) > len(cut.text) + len(stop)


@pytest.mark.parametrize("name", models.MODELS)
def test_the_size_of_a_batch_changes_nothing(name):
    model, tokenizer = models.causal_lm(name), models.tokenizer("tiny-qwen-like")
    params = SamplingParams(max_tokens=12, n=3, seed=5, stop=("be",), top_p=0.95)
    alone, together = (Sampler(model, tokenizer, size).generate_completions(PROMPTS, params) for size in (1, 64))
    assert len(alone) == 12
    assert alone == together
    assert len({tuple(completion.token_ids) for completion in alone}) > 6
    assert {completion.finish_reason for completion in alone} == {"stop", "length"}


@pytest.mark.parametrize("name", models.MODELS)
def test_with_and_without_a_cache_it_is_the_same(name):
    """A module without the configuration of Hugging Face's gets whole rows, padded on the right."""

    class Plain(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = models.causal_lm(name)

        def forward(self, ids):
            return self.inner(ids).logits

    tokenizer, params = models.tokenizer("tiny-llama3-like"), SamplingParams(max_tokens=10, n=2, seed=1, stop=("a",))
    cached = Sampler(models.causal_lm(name), tokenizer).generate_completions(PROMPTS, params)
    assert cached == Sampler(Plain(), tokenizer).generate_completions(PROMPTS, params)


def test_completions_are_those_of_their_own_prompt():
    completions = Sampler(certain("abcdef"), Letters()).generate_completions(
        ["a", "abcd", "ab"], SamplingParams(max_tokens=9, n=2)
    )
    assert [completion.text for completion in completions] == ["bcdef"] * 2 + ["ef"] * 2 + ["cdef"] * 2


def test_rows_that_have_ended_are_not_passed_through_the_model():
    sampler = Sampler(certain("abcdef"), Letters())
    sampler.generate_completions(["abcde", "abc", "abcde"], SamplingParams(max_tokens=9))
    assert sampler._model.rows == [3, 3, 1, 1]


def test_seed_prompt_and_sample_decide_and_nothing_else():
    first = uniforms(1, 2, 3, 50)
    assert torch.equal(first, uniforms(1, 2, 3, 80)[:50])
    for other in ((2, 2, 3), (1, 3, 3), (1, 2, 4), (2, 1, 3), (3, 2, 1)):
        assert not torch.equal(first, uniforms(*other, 50))


def test_tokens_come_as_often_as_their_probability_says():
    logits = torch.tensor([1.0, -1.0, 0.5, 2.0, -torch.inf, 0.0])
    count = 20_000
    numbers = uniforms(0, 0, 0, count)
    for temperature, top_p in ((1.0, 1.0), (0.5, 1.0), (2.0, 1.0), (1.0, 0.8)):
        tokens = choose(logits.expand(count, -1), temperature, top_p, numbers)
        expected = torch.softmax(logits.double() / temperature, -1)
        if top_p < 1:  # 0.51, 0.19 and 0.11 are the first that add up to 0.8
            expected = torch.where(torch.tensor([1, 0, 1, 1, 0, 0]).bool(), expected, 0)
            expected = expected / expected.sum()
        seen = torch.bincount(tokens, minlength=6) / count
        bound = 5 * (expected * (1 - expected) / count).sqrt() + 1e-12
        assert bool(((seen - expected).abs() <= bound).all())


def test_the_nucleus_is_the_likeliest_tokens_that_reach_the_mass():
    probabilities = torch.tensor([[0.1, 0.4, 0.3, 0.2]], dtype=torch.float64)
    for top_p, kept in ((0.01, [1]), (0.39, [1]), (0.41, [1, 2]), (0.75, [1, 2, 3]), (0.95, [0, 1, 2, 3])):
        assert nucleus(probabilities, top_p)[0].nonzero()[:, 0].tolist() == kept


def test_a_number_next_to_one_takes_no_impossible_token():
    logits = torch.tensor([[0.0, 0.0, -torch.inf]])
    for number in (0.0, 0.5, 1 - 2**-53):
        assert int(choose(logits, 1.0, 1.0, torch.tensor([number], dtype=torch.float64))) in (0, 1)
    assert int(choose(logits.flip(1), 1.0, 1.0, torch.zeros(1, dtype=torch.float64))) == 1


def test_temperature_zero_takes_the_likeliest():
    model, tokenizer = models.causal_lm("tiny-qwen2"), models.tokenizer("tiny-qwen-like")
    sampler = Sampler(model, tokenizer)
    one, two = (
        sampler.generate_completions(["The river"], SamplingParams(max_tokens=8, temperature=0, seed=seed))
        for seed in (1, 2)
    )
    assert one == two
    ids = torch.tensor([tokenizer.encode("The river")])
    for token in one[0].token_ids:
        assert int(model(ids).logits[0, -1].argmax()) == token
        ids = torch.cat([ids, torch.tensor([[token]])], dim=1)


def test_the_policy_is_left_alone_until_it_is_copied():
    policy = certain("abcdef").train()
    sampler = Sampler(policy, Letters())
    params = SamplingParams(max_tokens=9)
    before = sampler.generate_completions(["a"], params)
    policy.table.data.copy_(certain("acbfed").table.data)
    assert sampler.generate_completions(["a"], params) == before
    sampler.sync_policy_weights(policy)
    assert sampler.generate_completions(["a"], params)[0].text == "cbfed"
    assert policy.training
    assert policy.table.requires_grad
    assert policy.table.grad is None
    assert policy.rows == []


def test_what_cannot_be_done_is_said():
    sampler = Sampler(models.causal_lm("tiny-gpt2"), models.tokenizer("tiny-qwen-like"))
    with pytest.raises(ValueError, match="prompt 1 has no tokens"):
        sampler.generate_completions(["a", ""], SamplingParams(max_tokens=4))
    with pytest.raises(ValueError, match="prompt 0 has 1 tokens and max_tokens is 256; expected at most 256 together"):
        sampler.generate_completions(["a"], SamplingParams(max_tokens=256))
    assert sampler.generate_completions([], SamplingParams(max_tokens=4)) == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"max_tokens": 0}, "max_tokens is 0; expected at least 1"),
        ({"temperature": -1.0}, "temperature is -1.0"),
        ({"temperature": math.nan}, "temperature is nan"),
        ({"top_p": 0.0}, "top_p is 0.0; expected above 0"),
        ({"n": 0}, "n is 0"),
        ({"min_tokens": 9}, "min_tokens is 9; expected from 0 to max_tokens"),
        ({"stop": ("",)}, "expected strings that are not empty"),
        ({"stop": "</answer>"}, "expected a tuple of strings"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_parameters_that_make_no_sense_are_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        SamplingParams(**({"max_tokens": 4} | wrong))
