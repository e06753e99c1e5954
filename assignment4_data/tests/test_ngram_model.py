"""Counts, smoothing, perplexity and bits a character: closed forms first, then counts made the slow way."""

import math
from collections import Counter
from itertools import pairwise

import pytest

from assignment4_data.tests.counted_characters import WHO, check_model, sentence


def test_three_letters_by_hand(adapters, check):
    """Of "abab" and one unknown, V = 3: P(b | a) = (2 + 1) / (2 + 3), P(a | b) = (1 + 1) / (1 + 3)."""
    found = adapters.run_ngram_language_model("abab", "ba", 2, 1.0)
    start = (0 + 1) / (1 + 3)  # one "a" stands at the beginning, no "b"
    check.close(found["perplexity"], (start * 2 / 4) ** -0.5, rtol=1e-6, who=f"{WHO}, perplexity,")
    check.close(found["bits_per_character"], 1.5, rtol=1e-6, who=f"{WHO}, bits_per_character,")
    check.equal(found["vocabulary"], 3, who=f"{WHO}, vocabulary,", hint="a, b, and what stands for all others")


def test_equally_many_letters_have_the_logarithm_of_their_number_as_entropy(adapters, check):
    for count in (2, 8, 26):
        letters = "abcdefghijklmnopqrstuvwxyz"[:count]
        found = adapters.run_ngram_language_model(letters * 5, letters * 3, 1, 0)
        check.close(found["bits_per_character"], math.log2(count), rtol=1e-6, who=f"{WHO}, bits_per_character,")
        check.close(found["perplexity"], count, rtol=1e-6, who=f"{WHO}, perplexity, of {count} equally likely letters,")


def test_a_text_under_its_own_counts_has_its_entropy(adapters, check, draw):
    text = sentence(draw, 400)
    entropy = -sum(n / 400 * math.log2(n / 400) for n in Counter(text).values())
    found = adapters.run_ngram_language_model(text, text, 1, 0)
    check.close(found["bits_per_character"], entropy, rtol=1e-6, who=f"{WHO}, bits_per_character, of its own text,")


def test_what_always_follows_costs_nothing(adapters, check):
    found = adapters.run_ngram_language_model("abcabcabcabc", "abcabc", 2, 0)
    check.that(abs(found_number(check, found, "bits_per_character")) <= 1e-9, f"{WHO}: expected 0 bits a character")
    check.close(found["perplexity"], 1.0, rtol=1e-9, who=f"{WHO}, perplexity,")


def test_probabilities_of_all_symbols_add_up_to_one(adapters, check, draw):
    """From bits of a text, and of the same text with one character more, comes the probability of that character."""
    train = sentence(draw, 120)
    for order, k in ((1, 0.5), (2, 1.0), (3, 0.1)):
        before = train[-order - 1 :]
        base = len(before) * bits(check, adapters, train, before, order, k)
        longer = [
            bits(check, adapters, train, before + c, order, k) * (len(before) + 1) for c in [*sorted(set(train)), "#"]
        ]
        total = sum(2 ** (base - more) for more in longer)
        check.that(
            abs(total - 1) <= 1e-6,
            f"{WHO}, order {order}, k = {k}: the chances of all characters of train and one unknown add up to {total:.6g}; expected 1",
        )


@pytest.mark.parametrize("k", [0.01, 0.5, 1, 3.5])
@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_counts_made_one_by_one(adapters, check, draw, order, k):
    check_model(check, adapters, sentence(draw, 150), sentence(draw, 60), order, k)


@pytest.mark.parametrize("order", [1, 2, 4])
def test_characters_that_training_never_saw(adapters, check, draw, order):
    test = "".join(draw.choice([c, "X", "é", "7"]) for c in sentence(draw, 50))
    hint = "unknown characters are one symbol, as what is predicted and as context"
    check_model(check, adapters, sentence(draw, 100), test, order, 0.25, hint)


@pytest.mark.parametrize("order", [2, 3, 6])
def test_the_beginning_is_predicted_too(adapters, check, draw, order):
    """A text of fewer characters than the order is all beginning."""
    train = sentence(draw, 80)
    for test in (train[0], train[:2], "zz", train[5:7]):
        check_model(check, adapters, train, test, order, 0.5, "before a text stand order - 1 marks of a beginning")


def test_the_end_of_training_was_followed_by_nothing(adapters, check):
    """ "b" is the last character, and followed no other time: its context is as new as an unknown one."""
    found = adapters.run_ngram_language_model("aaab", "aabb", 2, 1.0)
    chances = (1 + 1) / (1 + 3), (2 + 1) / (3 + 3), (1 + 1) / (3 + 3), (0 + 1) / (0 + 3)
    check.close(
        found["bits_per_character"], -math.log2(math.prod(chances)) / 4, rtol=1e-6, who=f"{WHO}, bits_per_character,"
    )


def test_heavy_smoothing_makes_all_symbols_alike(adapters, check, draw):
    train, test = sentence(draw, 100), sentence(draw, 40)
    found = adapters.run_ngram_language_model(train, test, 3, 1e12)
    check.close(found["perplexity"], len(set(train)) + 1, rtol=1e-6, who=f"{WHO}, perplexity, with a huge k,")


def test_longer_contexts_fit_their_own_text_better(adapters, check, draw):
    text = sentence(draw, 500)
    found = [bits(check, adapters, text, text, order, 0) for order in (1, 2, 3, 4, 5)]
    check.that(
        all(long <= short + 1e-9 for short, long in pairwise(found)),
        f"{WHO} gives its own training text {[round(b, 3) for b in found]} bits a character at orders 1 to 5, without smoothing; expected them to fall",
    )


@pytest.mark.parametrize(
    ("train", "test", "order"), [("aab", "abc", 1), ("abab", "abb", 2), ("abc", "ca", 3), ("", "a", 1)]
)
def test_without_smoothing_what_never_was_is_impossible(adapters, check, train, test, order):
    found = adapters.run_ngram_language_model(train, test, order, 0)
    for name in ("perplexity", "bits_per_character"):
        check.close(found[name], math.inf, rtol=1e-6, who=f"{WHO}, {name}, of what never was, with k = 0,")


def test_long_texts_do_not_underflow(adapters, check, draw):
    text = sentence(draw, 20_000)
    found = adapters.run_ngram_language_model("ab" * 10, "ab" * 10_000, 1, 1.0)
    check.close(found["perplexity"], 23 / 11, rtol=1e-6, who=f"{WHO}, perplexity, of 20,000 characters,")
    entropy = -sum(n / 20_000 * math.log2(n / 20_000) for n in Counter(text).values())
    check.close(bits(check, adapters, text, text, 1, 0), entropy, rtol=1e-6, who=f"{WHO}, bits_per_character,")


def test_characters_count_as_they_stand(adapters, check):
    train = "Ab a\n\n bA  ä日本 日\taé\u0301\r\n 🙂👩‍👧" * 2
    for test in ("bA a\n", " ä日本", "a\u0301é", "A", " \r\n\t", "🙂👧"):
        check_model(check, adapters, train, test, 2, 0.5, "case, spaces, line ends and accents are characters, too")


@pytest.mark.parametrize(("test", "order", "k"), [("", 2, 1.0), ("a", 0, 1.0), ("a", -1, 1.0), ("a", 2, -0.01)])
def test_what_makes_no_sense_is_refused(adapters, check, test, order, k):
    who = f"{WHO} of {len(test)} characters, of order {order}, with k = {k}"
    check.rejects(adapters.run_ngram_language_model, "abc", test, order, k, who=who)


def bits(check, adapters, train, test, order, k):
    """ "bits_per_character", which is a number."""
    return found_number(check, adapters.run_ngram_language_model(train, test, order, k), "bits_per_character")


def found_number(check, found, name):
    """A number of bits that 2 can be raised to, whatever was returned."""
    value = found[name]
    fine = type(value) in (int, float) and -1e-9 <= value < 100
    check.that(fine, f"{WHO} returned a {type(value).__name__} as {name}; expected a number from 0 to 100")
    return value
