"""Other texts, orders and counts, and a text too long to count the slow way."""

import math
from collections import Counter

import pytest

from assignment4_data.tests.counted_characters import WHO, check_model, sentence


@pytest.mark.parametrize("k", [0.001, 0.3, 2])
@pytest.mark.parametrize("order", [1, 2, 4, 8])
def test_counts_made_one_by_one(adapters, check, draw, order, k):
    check_model(check, adapters, sentence(draw, 180), sentence(draw, 40), order, k)


@pytest.mark.parametrize("order", [1, 3])
def test_any_text(adapters, check, draw, order):
    train = draw.text(120)
    check_model(check, adapters, train, draw.text(40) + train[:40], order, 0.5)


def test_training_text_shorter_than_the_order(adapters, check):
    for train in ("", "a", "ab"):
        check_model(check, adapters, train, "abba", 4, 0.5, "with nothing counted, smoothing alone decides")


def test_a_text_without_smoothing(adapters, check, draw):
    train = sentence(draw, 150)
    for order in (1, 2, 3):
        check_model(check, adapters, train, train[:30], order, 0, "k = 0 is no smoothing at all")


def test_long_texts_by_counts_of_pairs(adapters, check, draw):
    train, test = sentence(draw, 60_000), sentence(draw, 30_000)
    V, k = len(set(train)) + 1, 0.5
    pairs, firsts = Counter(zip("\0" + train, train, strict=False)), Counter("\0" + train[:-1])
    nats = [math.log(firsts[a] + k * V) - math.log(pairs[a, b] + k) for a, b in zip("\0" + test, test, strict=False)]
    found = adapters.run_ngram_language_model(train, test, 2, k)
    check.close(found["perplexity"], math.exp(math.fsum(nats) / len(nats)), rtol=1e-6, who=f"{WHO}, perplexity,")
