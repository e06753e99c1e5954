"""The tokenizer on random text, random cuts and random special tokens."""

import functools
import itertools

import pytest

from assignment1_basics.tests import bpe_oracle as oracle
from assignment1_basics.tests.gpt2_files import merges_text, vocab_json
from assignment1_basics.tests.story_corpus import END, STRANGE, cut, stories, tangle

ENCODE, STREAM, DECODE = "Tokenizer.encode", "Tokenizer.encode_iterable", "Tokenizer.decode"
SPECIALS = [END, "<|end|>", "<|", "<|end|>\n", "[X]+", "é"]


@functools.cache
def merges_of_everything():
    text = stories(7, 3000, lexicon=120) + "".join(STRANGE.values()) * 3
    return oracle.train(text, 256 + len(SPECIALS) + 200, SPECIALS)


def made(draw, special_tokens, gap=1):
    """The arguments of get_tokenizer, with ids in random order and up to `gap` apart."""
    tokens = list(oracle.vocabulary(merges_of_everything(), special_tokens).values())
    numbers = itertools.accumulate(draw.integer(1, gap + 1) for _ in tokens)
    order = draw.permutation(len(tokens)).tolist()
    vocab = {number: tokens[place] for number, place in zip(numbers, order, strict=True)}
    return {"vocab": vocab, "merges": merges_of_everything(), "special_tokens": special_tokens}


def expected_ids(tokenizer, text):
    return oracle.encode(text, tokenizer["vocab"], tokenizer["merges"], tokenizer["special_tokens"])


def mixture(draw, special_tokens, length=120):
    """Random text, full of special tokens and pieces of them."""
    parts = [
        *special_tokens,
        *(token[:-1] for token in special_tokens),
        "a",
        " ",
        "\n",
        "  ",
        "'ll",
        "12",
        "🙂",
    ]
    return tangle(draw.integer(0, 2**31), length // 2, parts) + draw.text(length // 2)


@pytest.mark.parametrize("special_tokens", [[], [END], SPECIALS, SPECIALS[::-1]], ids=["none", "one", "six", "turned"])
def test_random_text_is_encoded(drivers, check, draw, special_tokens):
    tokenizer = made(draw, special_tokens, gap=5)
    texts = [mixture(draw, SPECIALS) for _ in range(6)]
    expected = [expected_ids(tokenizer, text) for text in texts]
    check.equal(drivers.encode_texts(tokenizer, texts), expected, who=ENCODE)


@pytest.mark.parametrize("longest", [1, 3, 20])
@pytest.mark.parametrize("special_tokens", [[], [END], SPECIALS], ids=["none", "one", "six"])
def test_random_cuts_do_not_matter(drivers, check, draw, special_tokens, longest):
    tokenizer = made(draw, special_tokens)
    texts = [mixture(draw, SPECIALS, 80) for _ in range(8)]
    chunkings = [cut(draw.integer(0, 2**31), text, longest) for text in texts]
    expected = [expected_ids(tokenizer, text) for text in texts]
    check.equal(drivers.encode_chunks(tokenizer, chunkings), expected, who=STREAM)


@pytest.mark.parametrize("end", ["\n\n\n", "   ", "'", "'l", "<|endoftext|", "<|end|", "🙂", "1", "\r\n \t"])
def test_the_end_of_a_stream_is_not_lost(drivers, check, draw, end):
    tokenizer = made(draw, SPECIALS)
    texts = ["a" + end, "<|end|>" + end, " " + end]
    expected = [expected_ids(tokenizer, text) for text in texts]
    found = drivers.encode_chunks(tokenizer, [list(text) for text in texts])
    check.equal(found, expected, who=STREAM)


def test_a_word_longer_than_any_block(drivers, check, draw):
    tokenizer = made(draw, [END])
    text = "a" * 1500 + " " * 900 + "b" * 900 + END + "c" * 700
    chunks = [text[start : start + 200] for start in range(0, len(text), 200)]
    check.equal(drivers.encode_chunks(tokenizer, [chunks]), [expected_ids(tokenizer, text)], who=STREAM)


@pytest.mark.parametrize("most", [pytest.param(50, marks=pytest.mark.beyond_public_course), 500])
def test_documents_stream_out_one_by_one(drivers, check, draw, most):
    tokenizer = made(draw, [END])
    chunk = stories(draw.integer(0, 2**31), 400, lexicon=120) + END
    each = len(expected_ids(tokenizer, chunk))
    read = drivers.chunks_read_by_each_id(tokenizer, chunk, ids=30 * each, limit=1000)
    check.equal(len(read), 30 * each, who=f"{STREAM}, as the number of ids,")
    ahead = max(strings - place // each for place, strings in enumerate(read))
    check.that(ahead <= most, f"{STREAM} read {ahead} strings ahead of the ids it gave; expected a few")


@pytest.mark.parametrize("most", [pytest.param(2000, marks=pytest.mark.beyond_public_course), 5000])
def test_one_character_at_a_time_is_no_reason_to_read_all(drivers, check, draw, most):
    tokenizer = made(draw, SPECIALS)
    read = drivers.chunks_read_by_each_id(tokenizer, "a quill and 3 tarns\n", ids=2000, limit=10_000)
    check.equal(len(read), 2000, who=f"{STREAM}, as the number of ids,")
    each = len(expected_ids(tokenizer, "a quill and 3 tarns\n"))
    ahead = max(strings - place // each for place, strings in enumerate(read))
    check.that(ahead <= most, f"{STREAM} read {ahead} strings of 20 characters ahead of the ids it gave")


def test_random_text_survives_the_round_trip(drivers, check, draw):
    tokenizer = made(draw, SPECIALS, gap=9)
    texts = [draw.text(200) + mixture(draw, SPECIALS) for _ in range(4)]
    ids = drivers.encode_texts(tokenizer, texts)
    check.equal(drivers.decode_ids(tokenizer, ids), texts, who=f"{DECODE}, given what encode returned,")


def test_random_bytes_are_decoded_with_replacement(drivers, check, draw):
    tokenizer = made(draw, [END])
    ids = {token: number for number, token in tokenizer["vocab"].items()}
    tokens = [[draw.choice(list(ids)) for _ in range(12)] for _ in range(20)]
    tokens += [[bytes([byte]) for byte in draw.integers(128, 256, 9).tolist()] for _ in range(20)]
    expected = [b"".join(each).decode("utf-8", errors="replace") for each in tokens]
    found = drivers.decode_ids(tokenizer, [[ids[token] for token in each] for each in tokens])
    check.equal(found, expected, who=DECODE)


def test_a_token_that_begins_like_a_special_one(drivers, check, draw):
    tokenizer = made(draw, [END])
    texts = [
        "<|endoftext",
        "<|endoftext|<|endoftext|>",
        "<|ENDOFTEXT|>",
        "<| endoftext|>",
        END[1:],
        END + END[:-1],
    ]
    expected = [expected_ids(tokenizer, text) for text in texts]
    check.equal(drivers.encode_texts(tokenizer, texts), expected, who=ENCODE)


def test_a_new_special_token_beyond_ascii(drivers, check):
    vocab = oracle.vocabulary(merges_of_everything())
    tokenizer = {"vocab": vocab, "merges": merges_of_everything(), "special_tokens": ["«fin» 🦊"]}
    found = drivers.encode_texts(tokenizer, ["«fin» 🦊«fin» 🦊"])
    check.equal(found, [[len(vocab)] * 2], who=f"{ENCODE}, for a new special token,")
    check.equal(drivers.decode_ids(tokenizer, found), ["«fin» 🦊«fin» 🦊"], who=DECODE)


def test_files_may_have_gaps_between_ids(drivers, check, draw, scratch_text):
    tokenizer = made(draw, SPECIALS, gap=30)
    files = scratch_text(vocab_json(tokenizer["vocab"], True)), scratch_text(merges_text(tokenizer["merges"]))
    texts = [mixture(draw, SPECIALS) for _ in range(3)]
    expected = [expected_ids(tokenizer, text) for text in texts]
    found = drivers.encode_with_files(*files, SPECIALS, texts)
    check.equal(found, expected, who="a tokenizer made by Tokenizer.from_files")
