"""What a vocabulary of stories holds: its longest token, and how long its tokens are."""

import pytest

from assignment1_basics.tests import bpe_oracle as oracle
from assignment1_basics.tests.story_corpus import END, stories

BYTES = {byte: bytes([byte]) for byte in range(256)}


def shuffled(draw, vocab):
    """The same entries in another order."""
    entries = list(vocab.items())
    return dict(entries[place] for place in draw.permutation(len(entries)).tolist())


@pytest.fixture
def trained(draw):
    """The vocabulary of a few stories, special tokens first, its entries in any order."""
    text = stories(draw.integer(0, 2**31), 2500, lexicon=150)
    return shuffled(draw, oracle.vocabulary(oracle.train(text, 320, [END]), [END, "<|pad|>"]))


def test_the_longest_token_of_a_trained_vocabulary(adapters, check, trained):
    ordinary = {number: token for number, token in trained.items() if token not in (END.encode(), b"<|pad|>")}
    most = max(map(len, ordinary.values()))
    expected = ordinary[min(number for number, token in ordinary.items() if len(token) == most)]
    check.equal(adapters.run_longest_token(trained, [END, "<|pad|>"]), expected, who="run_longest_token")


def test_a_special_token_is_not_the_longest(adapters, check):
    vocab = {**BYTES, 256: b"<|endoftext|>", 257: b" the"}
    check.equal(adapters.run_longest_token(vocab, [END]), b" the", who="run_longest_token")


def test_what_looks_like_a_special_token_is_one_only_if_named(adapters, check):
    vocab = {**BYTES, 256: b"<|endoftext|>", 257: b" the"}
    check.equal(adapters.run_longest_token(vocab, ["<|pad|>"]), END.encode(), who="run_longest_token")
    check.equal(adapters.run_longest_token(vocab, []), END.encode(), who="run_longest_token")


def test_of_equally_long_tokens_the_first_id_wins(adapters, check):
    vocab = {300: b" sea", **BYTES, 258: b" fox", 257: b"abc", 270: b" aaa"}
    check.equal(adapters.run_longest_token(vocab, []), b" fox", who="run_longest_token")


def test_length_is_counted_in_bytes(adapters, check):
    vocab = {**BYTES, 256: b"abcd", 257: "🦊é".encode(), 258: b" abc"}
    check.equal(adapters.run_longest_token(vocab, []), "🦊é".encode(), who="run_longest_token")


def test_a_token_need_not_be_text(adapters, check):
    vocab = {**BYTES, 256: b"\xf0\x9f\xa6", 257: b"\xa6\x8a"}
    check.equal(adapters.run_longest_token(vocab, []), b"\xf0\x9f\xa6", who="run_longest_token")


def test_length_counts_of_a_trained_vocabulary(adapters, check, trained):
    expected = {}
    for token in trained.values():
        if token not in (END.encode(), b"<|pad|>"):
            expected[len(token)] = expected.get(len(token), 0) + 1
    found = adapters.run_token_length_counts(trained, [END, "<|pad|>"])
    check.equal(found, expected, who="run_token_length_counts")


def test_special_tokens_are_not_counted(adapters, check):
    vocab = {0: b"<|endoftext|>", 1: "«fin»".encode(), 2: b"a", 3: b"ab", 4: b"ba"}
    found = adapters.run_token_length_counts(vocab, [END, "«fin»"])
    check.equal(found, {1: 1, 2: 2}, who="run_token_length_counts")


def test_lengths_are_those_of_bytes(adapters, check):
    vocab = {5: "é".encode(), 9: "🦊".encode(), 7: b"e", 1000: b"\xc3"}
    check.equal(adapters.run_token_length_counts(vocab, []), {1: 2, 2: 1, 4: 1}, who="run_token_length_counts")
