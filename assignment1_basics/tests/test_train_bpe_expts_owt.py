"""What two vocabularies tell apart: the tokens of one that the other lacks, and how often a text uses them."""

import itertools

import pytest

from assignment1_basics.tests import bpe_oracle as oracle
from assignment1_basics.tests.story_corpus import END, stories

BYTES = {byte: bytes([byte]) for byte in range(256)}


@pytest.fixture
def corpora(draw):
    """Two kinds of text, of other words each."""
    return [stories(draw.integer(0, 2**31), 2000, lexicon=lexicon) for lexicon in (80, 160)]


@pytest.fixture
def trained(corpora):
    """(merges, vocabulary) of each; the numbering of the second begins with its special tokens."""
    merges = [oracle.train(text, 320, [END]) for text in corpora]
    second = oracle.vocabulary(merges[1], [END, "<|pad|>"])
    first = {**BYTES, **{1000 + place: left + right for place, (left, right) in enumerate(merges[0])}}
    return [(merges[0], first), (merges[1], second)]


def test_tokens_that_the_other_vocabulary_lacks(adapters, check, trained):
    (_, first), (_, second) = trained
    for vocab, other in ((first, second), (second, first)):
        left = set(vocab.values()) - set(other.values()) - {END.encode(), b"<|pad|>"}
        expected = [
            token
            for length in range(max(map(len, left), default=0), 0, -1)
            for token in sorted(left)
            if len(token) == length
        ]
        found = adapters.run_tokens_only_in(vocab, other, [END, "<|pad|>"])
        check.equal(found, expected, who="run_tokens_only_in")


def test_a_vocabulary_has_nothing_that_it_lacks_itself(adapters, check, trained):
    vocab = trained[1][1]
    renumbered = {number + 7: token for number, token in vocab.items()}
    check.equal(adapters.run_tokens_only_in(vocab, renumbered, []), [], who="run_tokens_only_in")


def test_special_tokens_are_left_out(adapters, check):
    vocab = {**BYTES, 256: END.encode(), 257: b" the", 258: "«fin»".encode()}
    found = adapters.run_tokens_only_in(vocab, BYTES, [END, "«fin»"])
    check.equal(found, [b" the"], who="run_tokens_only_in")


def test_the_longest_come_first_then_the_order_of_bytes(adapters, check):
    vocab = {1: b"b", 2: b"zz", 3: b"aa", 4: "é".encode(), 5: b" abc", 6: b"a", 7: b"Za", 8: b"zzz"}
    expected = [b" abc", b"zzz", b"Za", b"aa", b"zz", "é".encode(), b"a", b"b"]
    check.equal(adapters.run_tokens_only_in(vocab, {1: b"c"}, []), expected, who="run_tokens_only_in")


def test_a_token_under_two_ids_is_named_once(adapters, check):
    vocab = {1: b"ab", 2: b"c", 3: b"ab"}
    check.equal(adapters.run_tokens_only_in(vocab, {0: b"c"}, []), [b"ab"], who="run_tokens_only_in")


def test_the_share_of_a_text_that_the_other_vocabulary_lacks(adapters, check, corpora, trained):
    pairs = zip(corpora, trained, reversed(trained), strict=True)
    for text, (merges, vocab), (_, other) in pairs:
        ids = oracle.encode(text[:600], vocab, merges)
        outside = sum(1 for number in ids if vocab[number] not in other.values())
        found = adapters.run_usage_outside(ids, vocab, other)
        check.close(found, outside / len(ids), rtol=1e-9, who="run_usage_outside")


def test_a_token_counts_as_often_as_it_is_used(adapters, check):
    vocab, other = {1: b"ab", 2: b"c", 3: b"cd"}, {1: b"c", 7: b"cd", 8: b"e"}
    for ids, share in (
        ([1, 1, 1, 2], 0.75),
        ([2, 2, 1], 1 / 3),
        ([2], 0.0),
        ([1, 3, 3, 2, 2], 0.2),
        ([1, 1], 1.0),
    ):
        found = adapters.run_usage_outside(ids, vocab, other)
        check.close(found, share, rtol=1e-9, who="run_usage_outside", hint=f"The ids were {ids}")


def test_ids_are_those_of_the_first_vocabulary(adapters, check):
    swapped = dict(zip((1, 2, 3), (b"c", b"ab", b"cd"), strict=True))
    for ids in itertools.product((1, 2, 3), repeat=2):
        found = adapters.run_usage_outside(list(ids), swapped, {1: b"ab", 2: b"x"})
        expected = sum(number != 2 for number in ids) / 2
        check.close(found, expected, rtol=1e-9, who="run_usage_outside")
