"""The tokenizer: encoding, special tokens, decoding, streams, files, and speed."""

import functools
import itertools

import pytest

from assignment1_basics.tests import bpe_oracle as oracle
from assignment1_basics.tests.gpt2_files import merges_text, vocab_json
from assignment1_basics.tests.story_corpus import END, LOOK_ALIKES, STRANGE, cut, stories, tangle, words

ENCODE, STREAM, DECODE = "Tokenizer.encode", "Tokenizer.encode_iterable", "Tokenizer.decode"


@functools.cache
def prose_merges():
    """Merges of some stories and of all the strange lines."""
    return oracle.train(stories(1, 2500, lexicon=150) + "\n".join(STRANGE.values()) * 2, 256 + 150, [END])


def renumbered(draw, vocab, gap=1):
    """The vocabulary with its ids in random order, up to `gap` apart, so that no id can be guessed."""
    numbers = list(itertools.accumulate(draw.integer(1, gap + 1) for _ in vocab))
    order = draw.permutation(len(vocab)).tolist()
    return {numbers[place]: token for place, token in zip(order, vocab.values(), strict=True)}


def made_of(draw, merges, special_tokens=None, gap=1):
    """The arguments of get_tokenizer for these merges, all special tokens in the vocabulary."""
    vocab = renumbered(draw, oracle.vocabulary(merges, special_tokens or []), gap)
    return {"vocab": vocab, "merges": merges, "special_tokens": special_tokens}


def expected_ids(tokenizer, text):
    return oracle.encode(text, tokenizer["vocab"], tokenizer["merges"], tokenizer["special_tokens"] or [])


def check_encoding(drivers, check, tokenizer, texts, hint=""):
    for text, ids in each(check, texts, drivers.encode_texts(tokenizer, texts)):
        check.equal(ids, expected_ids(tokenizer, text), who=f"{ENCODE}({text[:60]!r})", hint=hint)


def each(check, inputs, results):
    """Every input with its result."""
    check.that(len(results) == len(inputs), f"{len(results)} results came back; expected {len(inputs)}")
    return zip(inputs, results, strict=True)


# ----------------------------------------------------------------------------------------------------------
# Encoding


def test_prose_is_encoded_as_it_was_trained(drivers, check, draw):
    tokenizer = made_of(draw, prose_merges(), [END])
    check_encoding(drivers, check, tokenizer, [stories(draw.integer(0, 2**31), 1500, lexicon=150)])


@pytest.mark.parametrize("name", STRANGE)
def test_every_character_is_encoded(drivers, check, draw, name):
    shuffled = tangle(draw.integer(0, 2**31), 80, STRANGE[name])
    check_encoding(drivers, check, made_of(draw, prose_merges()), [STRANGE[name], shuffled])


@pytest.mark.parametrize("letters", [["a", "b"], ["a", "b", "c"], ["é", "è", "e"], ["ab", "ba", " "]])
def test_merges_apply_in_the_order_of_their_making(drivers, check, draw, letters):
    merges = oracle.train(tangle(draw.integer(0, 2**31), 300, [*letters, " "]), 256 + 40, [])
    texts = [tangle(draw.integer(0, 2**31), 30, letters) for _ in range(8)]
    hint = "neither the longest token first nor the first pair from the left: the earliest merge first"
    check_encoding(drivers, check, made_of(draw, merges), texts, hint)


def test_the_longest_token_need_not_be_taken(drivers, check, draw):
    merges = [(b"b", b"c"), (b"a", b"b"), (b"ab", b"d")]
    check_encoding(drivers, check, made_of(draw, merges), ["abc", "abd", "abcd", "abab", "bcabd"])


def test_ids_may_have_gaps(drivers, check, draw):
    tokenizer = made_of(draw, prose_merges(), [END], gap=40)
    check_encoding(drivers, check, tokenizer, [f"Quill's {END}rain, 42 times!\n\n" + STRANGE["emoji"]])


def test_a_tokenizer_without_merges_encodes_bytes(drivers, check, draw):
    check_encoding(drivers, check, made_of(draw, []), ["ember 🙂 é\r\n\x00", "a"])


def test_the_empty_text_has_no_ids(drivers, check, draw):
    tokenizer = made_of(draw, prose_merges(), [END])
    check.equal(drivers.encode_texts(tokenizer, [""]), [[]], who=ENCODE)


@pytest.mark.parametrize("letters", [["a"], ["a", "b"], ["é", "e"]], ids=["one", "two", "accented"])
def test_a_very_long_word_is_encoded_like_any_other(drivers, check, draw, letters):
    merges = oracle.train(tangle(draw.integer(0, 2**31), 200, [*letters, " "]), 256 + 15, [])
    check_encoding(drivers, check, made_of(draw, merges), [tangle(draw.integer(0, 2**31), 400, letters)])


def test_no_merge_crosses_the_end_of_a_pre_token(drivers, check, draw):
    merges = [(b"a", b" "), (b" ", b"a"), (b"a", b"1"), (b"a", b"."), (b"\n", b"\n"), (b"'", b"l"), (b"'", b"L")]
    check_encoding(drivers, check, made_of(draw, merges), ["a a a1 a.a\n\na", "\n\n\na 'l 'll", "WE'LL", " a  a"])


def test_two_tokenizers_do_not_share_what_they_know(drivers, check, draw):
    first = made_of(draw, prose_merges(), [END])
    second = made_of(draw, prose_merges()[:40], ["rain"])
    texts = ["Quill saw rain and rain and the rain.", f"ember{END}brook"]
    for text, ids in each(check, texts, drivers.encode_by_turns(first, second, texts)):
        check.equal(ids, (expected_ids(first, text), expected_ids(second, text)), who=f"{ENCODE}({text!r})")


# ----------------------------------------------------------------------------------------------------------
# Special tokens


@pytest.mark.parametrize("order", ["given", "reversed"])
@pytest.mark.parametrize("case", LOOK_ALIKES)
def test_special_tokens_are_never_split(drivers, check, draw, case, order):
    special_tokens, alphabet = LOOK_ALIKES[case]
    if order == "reversed":
        special_tokens = special_tokens[::-1]
    texts = [tangle(draw.integer(0, 2**31), 40, alphabet) for _ in range(4)]
    tokenizer = made_of(draw, oracle.train("".join(texts), 300, special_tokens), special_tokens)
    hint = f"the special tokens were {special_tokens}; where two match, the longest wins"
    check_encoding(drivers, check, tokenizer, texts, hint)


@pytest.mark.parametrize("text", ["", "a", "  ", "\n\n", " \n a", "we'll"])
def test_special_tokens_may_stand_anywhere(drivers, check, draw, text):
    tokenizer = made_of(draw, prose_merges(), [END])
    texts = [text.join(pieces) for pieces in (["", END, ""], [END, END], ["", END], ["b", END, END, "b"])]
    check_encoding(drivers, check, tokenizer, texts, "the text between special tokens is encoded by itself")


def test_without_special_tokens_their_characters_are_text(drivers, check, draw):
    vocab = renumbered(draw, oracle.vocabulary(prose_merges(), [END]))
    for none in (None, []):
        tokenizer = {"vocab": vocab, "merges": prose_merges(), "special_tokens": none}
        check_encoding(drivers, check, tokenizer, [f"brook{END}", END], "the vocabulary alone makes nothing special")


def test_missing_special_tokens_get_the_next_ids(drivers, check):
    vocab = oracle.vocabulary(prose_merges(), [END])
    tokenizer = {"vocab": vocab, "merges": prose_merges(), "special_tokens": ["<|new|>", END, "<|other|>"]}
    new = new_ids(drivers, check, tokenizer)
    check.equal(sorted(new), [len(vocab), len(vocab) + 1], who="the sorted ids of two new special tokens")
    check_encoding(drivers, check, {**tokenizer, "special_tokens": [END]}, [END])


@pytest.mark.beyond_public_course
@pytest.mark.parametrize("new", [["<|new|>", "<|another|>"], ["<|another|>", "<|new|>"]])
def test_missing_special_tokens_are_numbered_in_the_order_given(drivers, check, new):
    vocab = oracle.vocabulary(prose_merges(), [END])
    tokenizer = {"vocab": vocab, "merges": prose_merges(), "special_tokens": [new[0], END, new[1]]}
    check.equal(
        drivers.encode_texts(tokenizer, ["".join(new)]),
        [[len(vocab), len(vocab) + 1]],
        who=f"{ENCODE}, for two new special tokens in the order given",
    )


def new_ids(drivers, check, tokenizer):
    """The ids of two new special tokens."""
    found = drivers.encode_texts(tokenizer, ["<|new|><|other|>"])
    lengths = [len(ids) for ids in found]
    check.equal(lengths, [2], who=f"{ENCODE}, for two special tokens, as the number of ids")
    return found[0]


@pytest.mark.beyond_public_course
def test_new_special_tokens_take_no_id_that_is_in_use(drivers, check, draw):
    vocab = renumbered(draw, oracle.vocabulary(prose_merges()), gap=3)
    vocab = {number: token for number, token in vocab.items() if number != 7} | {10**6: vocab.get(7, b"\xff\xfe")}
    tokenizer = {"vocab": vocab, "merges": prose_merges(), "special_tokens": ["<|new|>", "<|other|>"]}
    first, other = new_ids(drivers, check, tokenizer)
    check.that(
        first != other and first not in vocab and other not in vocab,
        "Tokenizer: a new special token has an id that another token has; expected one that was free",
    )
    check_round_trip(drivers, check, tokenizer, "brook<|new|>ember<|other|>")


@pytest.mark.beyond_public_course
def test_the_vocabulary_and_lists_given_stay_as_they_are(drivers, check):
    special_tokens = ["<|new|>", END]
    tokenizer = {"vocab": oracle.vocabulary(prose_merges()), "merges": prose_merges(), "special_tokens": special_tokens}
    after = drivers.arguments_after_encoding(tokenizer, [f"brook<|new|>ember{END}"])
    check.equal(after, tokenizer, who="the arguments of Tokenizer, once it was made and used,")


# ----------------------------------------------------------------------------------------------------------
# Decoding


@pytest.mark.parametrize("name", STRANGE)
def test_decoding_undoes_encoding(drivers, check, draw, name):
    tokenizer = made_of(draw, prose_merges(), [END])
    check_round_trip(drivers, check, tokenizer, END + STRANGE[name] + END + draw.text(100))


def check_round_trip(drivers, check, tokenizer, text):
    ids = drivers.encode_texts(tokenizer, [text])
    check.equal(drivers.decode_ids(tokenizer, ids), [text], who=f"{DECODE}, given what encode returned,")


def test_no_ids_are_the_empty_text(drivers, check, draw):
    check.equal(drivers.decode_ids(made_of(draw, prose_merges()), [[]]), [""], who=DECODE)


def test_characters_may_be_spread_over_tokens(drivers, check, draw):
    tokenizer = made_of(draw, [])
    ids = expected_ids(tokenizer, "é水🙂")
    check.equal(drivers.decode_ids(tokenizer, [ids]), ["é水🙂"], who=DECODE, hint="join all bytes, then decode")


@pytest.mark.parametrize(
    "content",
    [
        b"\xff",
        b"\x80\x80",
        b"a\xc3",
        b"\xc3(",
        b"\xf0\x9f\x99",
        b"\xe2\x82 b\xff\xfec",
        b"\xed\xa0\x80",
        b"\xc0\x80",
    ],
    ids=bytes.hex,
)
def test_bytes_that_are_not_utf8_become_replacement_characters(drivers, check, draw, content):
    tokenizer = made_of(draw, prose_merges())
    ids = {token: number for number, token in tokenizer["vocab"].items()}
    decoded = drivers.decode_ids(tokenizer, [[ids[bytes([byte])] for byte in content]])
    check.equal(decoded, [content.decode(errors="replace")], who=DECODE, hint="U+FFFD is the replacement character")


# ----------------------------------------------------------------------------------------------------------
# Streams

AWKWARD = {
    "line_ends": "a\n\n\nb \n\n c\r\n\r\nd\n",
    "spaces": "foo  bar   baz    " + " " * 9 + "x  ",
    "contractions": "we'll they've 'tis it's' x'' 'l 'll 'r 're' 'v",
    "special": f"foo  \n\n{END}bar {END}{END}  <|endoftext|<|end <|",
    "prefixes": "<|end<|end|><|end|>|> <|end|>x<|end|><|end|>",
    "classes": "abc123 45.6!? ... a1b2 水は١٢x²",
    "emoji": STRANGE["emoji"],
    "strange": STRANGE["breaks"] + STRANGE["spaces"],
}
STREAM_SPECIALS = [END, "<|end|>", "<|end|><|end|>", "<|end|>x"]


@pytest.mark.parametrize("longest", [0, 1, 2, 4, 9], ids=["characters", "1", "2", "4", "9"])
@pytest.mark.parametrize("name", AWKWARD)
def test_the_ids_do_not_depend_on_where_a_stream_is_cut(drivers, check, draw, name, longest):
    text = AWKWARD[name] * 2
    tokenizer = made_of(draw, oracle.train(text * 2, 256 + 60, STREAM_SPECIALS), STREAM_SPECIALS)
    chunkings = [cut(draw.integer(0, 2**31), text, longest) for _ in range(3)] if longest else [list(text)]
    for chunks, ids in each(check, chunkings, drivers.encode_chunks(tokenizer, chunkings)):
        hint = "a token may begin in one string and end in another"
        check.equal(ids, expected_ids(tokenizer, text), who=f"{STREAM}({str(chunks)[:120]})", hint=hint)


def test_lines_are_encoded_as_the_whole_file(drivers, check, draw):
    text = stories(draw.integer(0, 2**31), 2000, lexicon=150)
    tokenizer = made_of(draw, prose_merges(), [END])
    ids = drivers.encode_chunks(tokenizer, [text.splitlines(keepends=True)])
    check.equal(ids, [expected_ids(tokenizer, text)], who=STREAM)


@pytest.mark.parametrize("chunks", [[], [""], ["", "", ""]], ids=["no_strings", "empty_string", "empty_strings"])
def test_an_empty_stream_has_no_ids(drivers, check, draw, chunks):
    check.equal(drivers.encode_chunks(made_of(draw, prose_merges(), [END]), [chunks]), [[]], who=STREAM)


def test_two_streams_may_be_encoded_at_the_same_time(drivers, check, draw):
    tokenizer = made_of(draw, prose_merges(), [END])
    first, second = stories(draw.integer(0, 2**31), 300), stories(draw.integer(0, 2**31), 300)
    ids = drivers.encode_streams_by_turns(tokenizer, cut(1, first, 9), cut(2, second, 9))
    check.equal(ids, (expected_ids(tokenizer, first), expected_ids(tokenizer, second)), who=STREAM)


# How far a stream may be read ahead: the public course only says that it need not fit into memory, so blocks will do.
@pytest.mark.parametrize("most", [pytest.param(50, marks=pytest.mark.beyond_public_course), 1000])
def test_a_stream_is_read_no_further_than_needed(drivers, check, draw, most):
    chunk = stories(draw.integer(0, 2**31), 500, lexicon=150, separator="\n") + "\n"
    tokenizer = made_of(draw, prose_merges(), draw.choice([None, [END]]))
    each = len(expected_ids(tokenizer, chunk))
    read = drivers.chunks_read_by_each_id(tokenizer, chunk, ids=60 * each, limit=2000)
    check.that(len(read) == 60 * each, f"{STREAM} gave {len(read)} ids and ended; its source goes on")
    ahead = max(strings - place // each for place, strings in enumerate(read))
    check.that(
        ahead <= most,
        f"{STREAM} read {ahead} strings of {len(chunk)} characters ahead of the ids it gave; expected a few",
    )


def test_memory_does_not_grow_with_a_stream(drivers, check, draw):
    chunk = stories(draw.integer(0, 2**31), 1000, lexicon=150, separator="\n") + "\n"
    first, second = drivers.peak_memory_of_encoding(made_of(draw, prose_merges(), [END]), chunk, 128)
    check.that(
        second < 1.4 * first + 16_000,
        f"{STREAM} held up to {first} bytes in the first half of a stream and {second} in the second; "
        "expected no growth: keep neither the text nor the ids",
    )


# ----------------------------------------------------------------------------------------------------------
# Files


@pytest.mark.parametrize("header", ["#version: 0.2\n", ""], ids=["with_version", "without_version"])
@pytest.mark.parametrize("ascii_only", [True, False], ids=["escaped", "utf8"])
def test_vocabulary_and_merges_come_from_files(drivers, check, draw, scratch_text, header, ascii_only):
    merges = [(b" ", b"\n"), (b"#", b"#"), *prose_merges(), (b"##", b"#")]
    tokenizer = made_of(draw, merges, [END])
    files = (
        scratch_text(vocab_json(tokenizer["vocab"], ascii_only)),
        scratch_text(merges_text(merges, header)),
    )
    text = f"## ###{END}" + "".join(STRANGE.values())
    ids = drivers.encode_with_files(*files, [END], [text])
    hint = "the format is that of GPT-2's files; see the docstring of from_files"
    check.equal(ids, [expected_ids(tokenizer, text)], who="a tokenizer made by Tokenizer.from_files", hint=hint)


def test_special_tokens_are_optional_with_files(drivers, check, draw, scratch_text):
    tokenizer = made_of(draw, prose_merges())
    files = scratch_text(vocab_json(tokenizer["vocab"], True)), scratch_text(merges_text(prose_merges()))
    ids = drivers.encode_with_files(*files, None, [f"brook{END}"])
    check.equal(ids, [expected_ids(tokenizer, f"brook{END}")], who="a tokenizer made by Tokenizer.from_files")


# ----------------------------------------------------------------------------------------------------------
# Speed


def test_encoding_is_faster_than_trying_every_merge(drivers, check, draw, stopwatch):
    merges = oracle.train(" ".join(words(3, 350)), 256 + 700, [])
    tokenizer = made_of(draw, merges)
    texts = [" ".join(words(draw.integer(0, 2**31), 1500)) for _ in range(stopwatch.most)]
    check_encoding(drivers, check, tokenizer, ["warm up"])
    expected, found = {}, {}

    def try_every_merge(repetition):
        expected[repetition] = [expected_ids(tokenizer, texts[repetition])]

    def student(repetition):
        found[repetition] = drivers.encode_texts(tokenizer, [texts[repetition]])

    ratio = stopwatch.ratio(student, try_every_merge, enough=0.3)
    check.equal(found, expected, who=ENCODE)
    check.that(
        ratio < 0.3,
        f"{ENCODE} took {ratio:.2f} of the time of trying every merge on every word; expected less than 0.3. "
        "Only pairs that stand in the word can be merged",
    )
