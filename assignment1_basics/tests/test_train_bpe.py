"""BPE training: the merges and their order, special tokens, vocabulary, odd files and sizes, speed."""

import itertools

import pytest

from assignment1_basics.tests import bpe_oracle as oracle
from assignment1_basics.tests.story_corpus import END, LOOK_ALIKES, STRANGE, stories, tangle

WHO = "run_train_bpe"

TIES = {
    # name: (text, what the two equally frequent pairs show)
    "first_seen_loses": "ab\ncd\n" * 3,
    "last_seen_loses": "cd\nab\n" * 3,
    "left_token_before_joined_bytes": "ab\n" * 3 + "abc\naz\n" * 2,
    "bytes_before_ids": "ab\n" * 3 + "abc\nbz\n" * 2,
    "bytes_before_length": "ab\n" * 3 + "abc\nxy\n" * 2,
    "right_token_decides_last": "ab\nac\n" * 2,
    "a_space_is_less_than_a_letter": "ab\n xq\n" * 2,
    "a_line_end_is_less_than_a_space": "x\n\n\ny\n xq\n" * 2,
    "high_bytes_are_unsigned": "zz\né\n" * 3,
}

ALPHABETS = {
    "one_letter": ["a"],
    "two_letters": ["a", "b"],
    "overlapping_syllables": ["ab", "ba", "aba", "a"],
    "words": ["ab", "b", " ", "\n"],
    "spaces": [" ", "  ", "\n", "\t", "a"],
    "line_ends": ["\r\n", "\n", "\r", "ab", " "],
    "two_byte_letters": ["é", "è", "ê", "e"],
    "emoji": ["🙂", "🙃", "👩", "\u200d", "👩\u200d👩", "👋", "🏽"],
    "nul": ["\x00", "\x00\x00", "a", " "],
    "contractions": ["'s", "'ll", "'l", "l", "'", "s", " ", "'LL"],
    "digits_and_signs": ["1", "22", "٣", "½", "+", "=", "a", " "],
    "prose": ["the", " ", "then", "he", "en", ",", " in", "1", "\n"],
}


LINE_ENDS = ("line_ends", "crlf", "\r\n")


def line_ends_marked(names):
    """Names of cases. The public course leaves open whether a file's line ends may be translated, as Python does."""
    mark = pytest.mark.beyond_public_course
    return [pytest.param(name, marks=mark) if name in LINE_ENDS else name for name in names]


def tangles(draw, alphabet, count, length=60):
    return [tangle(draw.integer(0, 2**31), length, alphabet) for _ in range(count)]


def check_merges(adapters, scratch_text, check, text, room, special_tokens=(END,), hint=""):
    """Train with room for `room` merges, and hold the merges against the oracle's."""
    special_tokens = list(special_tokens)
    size = 256 + len(special_tokens) + room
    vocab, merges = adapters.run_train_bpe(
        input_path=scratch_text(text), vocab_size=size, special_tokens=special_tokens
    )
    found, expected = oracle.comparable(merges, oracle.train(text, size, special_tokens))
    check.equal(found, expected, who=f"{WHO} as its merges", hint=hint)
    return vocab, merges


@pytest.fixture
def trained(adapters, draw, scratch_text):
    """Vocabulary and merges of a few stories, with two special tokens and room for 50 merges."""
    text = stories(draw.integer(0, 2**31), 3000, lexicon=200)
    return adapters.run_train_bpe(input_path=scratch_text(text), vocab_size=308, special_tokens=[END, "<|pad|>"])


# ----------------------------------------------------------------------------------------------------------
# Merges


def test_the_most_frequent_pair_is_merged_each_time(adapters, check, draw, scratch_text):
    text = stories(draw.integer(0, 2**31), 4000, lexicon=300)
    check_merges(adapters, scratch_text, check, text, 80, [END])


@pytest.mark.parametrize("case", TIES)
def test_of_equally_frequent_pairs_the_greatest_is_merged(adapters, check, scratch_text, case):
    hint = "compare pairs as tuples of bytes: first the left tokens, then the right ones"
    check_merges(adapters, scratch_text, check, TIES[case], 6, hint=hint)


@pytest.mark.parametrize("alphabet", line_ends_marked(ALPHABETS))
def test_runs_and_overlaps_are_counted_and_merged_as_neighbours(adapters, check, draw, scratch_text, alphabet):
    for text in tangles(draw, ALPHABETS[alphabet], 5):
        check_merges(adapters, scratch_text, check, text, 40)


@pytest.mark.parametrize("name", line_ends_marked(STRANGE))
def test_every_character_of_the_file_counts(adapters, check, draw, scratch_text, name):
    shuffled = tangle(draw.integer(0, 2**31), 100, STRANGE[name])
    hint = "the file is UTF-8; nothing in it is translated, normalised, stripped or read line by line"
    check_merges(adapters, scratch_text, check, STRANGE[name] * 3 + shuffled, 60, hint=hint)


def test_a_pair_that_occurs_once_is_still_merged(adapters, check, scratch_text):
    check_merges(adapters, scratch_text, check, "quill tarn\nbrook", 100)


def test_letters_that_repeat_in_a_long_word(adapters, check, draw, scratch_text):
    text = "a" * draw.integer(900, 1100) + " " + "ab" * draw.integer(400, 500)
    check_merges(adapters, scratch_text, check, text, 30)


# ----------------------------------------------------------------------------------------------------------
# Special tokens


@pytest.mark.parametrize("case", LOOK_ALIKES)
def test_special_tokens_cut_the_text(adapters, check, draw, scratch_text, case):
    special_tokens, alphabet = LOOK_ALIKES[case]
    hint = f"the special tokens were {special_tokens}; each stands for its own characters"
    for text in tangles(draw, alphabet, 4):
        check_merges(adapters, scratch_text, check, text, 40, special_tokens, hint)


def test_no_merge_joins_two_documents(adapters, check, scratch_text):
    text = f"brook{END}ember{END}" * 9
    check_merges(adapters, scratch_text, check, text, 40, [END], "each document is cut into pre-tokens alone")


def test_special_tokens_count_for_nothing(adapters, check, scratch_text):
    check_merges(adapters, scratch_text, check, f"end of the text{END}" * 30, 40, [END])


@pytest.mark.parametrize("between", line_ends_marked(["", " ", "\n", " \n ", "\n\n\n", "\r\n", "  a  "]))
def test_white_space_beside_special_tokens_is_kept(adapters, check, scratch_text, between):
    text = between + END + between.join(["quill", END, END, "tarn ", END, " tarn", END]) + between
    check_merges(adapters, scratch_text, check, text * 3, 30, [END])


def test_without_special_tokens_they_are_text(adapters, check, scratch_text):
    hint = "special_tokens was []: the file is one document, cut nowhere (an empty pattern matches everywhere)"
    check_merges(adapters, scratch_text, check, f"quill{END}tarn{END}" * 3, 40, [], hint)


def test_a_special_token_that_does_not_occur_is_in_the_vocabulary(adapters, check, scratch_text):
    vocab, _ = check_merges(adapters, scratch_text, check, "ember " * 5, 20, ["<|never|>"])
    check.that(
        b"<|never|>" in vocab.values(),
        f"{WHO}: <|never|> is not in the vocabulary; expected every special token",
    )


# ----------------------------------------------------------------------------------------------------------
# The vocabulary


def test_the_vocabulary_is_bytes_special_tokens_and_merged_pairs(trained, check):
    vocab, merges = trained
    entries = [bytes([byte]) for byte in range(256)] + [END.encode(), b"<|pad|>"]
    entries += [left + right for left, right in merges]
    check.equal(sorted(vocab.values()), sorted(entries), who=f"{WHO} as the sorted values of its vocabulary")


def test_ids_run_from_zero_without_a_gap(trained, check):
    vocab, _ = trained
    check.equal(sorted(vocab), list(range(308)), who=f"{WHO} as the sorted ids of its vocabulary")


def test_the_ids_of_merged_pairs_follow_the_order_of_the_merges(trained, check):
    vocab, merges = trained
    products = [left + right for left, right in merges]
    starts = [number for number, token in vocab.items() if [token] == products[:1]]
    check.that(starts, f"{WHO}: the product of the first merge is not in the vocabulary; expected each merge's")
    first = min(starts)
    check.equal(
        [vocab.get(first + place) for place in range(len(products))],
        products,
        who=f"{WHO} as the vocabulary's entries from the id of its first merge on",
    )


def test_no_merge_is_made_twice(trained, check):
    _, merges = trained
    check.that(
        len(set(merges)) == len(merges) == 50,
        f"{WHO}: {len(merges)} merges, {len(set(merges))} different; expected 50 of each for 308 entries",
    )


# ----------------------------------------------------------------------------------------------------------
# Sizes and files


def check_no_merges(check, vocab, merges, special_tokens):
    check.equal(merges, [], who=f"{WHO} as its merges")
    entries = [bytes([byte]) for byte in range(256)] + [token.encode() for token in special_tokens]
    check.equal(sorted(vocab.values()), sorted(entries), who=f"{WHO} as the values of its vocabulary")


# A size without room for the bytes and the special tokens is a contradiction, which the public course leaves open.
@pytest.mark.parametrize(
    "size", [*(pytest.param(size, marks=pytest.mark.beyond_public_course) for size in (0, 255, 256)), 257]
)
def test_a_vocabulary_without_room_has_no_merges(adapters, check, scratch_text, size):
    vocab, merges = adapters.run_train_bpe(
        input_path=scratch_text("brook brook"), vocab_size=size, special_tokens=[END]
    )
    check_no_merges(check, vocab, merges, [END])


@pytest.mark.parametrize(
    "text",
    [pytest.param("", marks=pytest.mark.beyond_public_course), END, END * 3, "a", "a\nb"],
    ids=["0", "special", "specials", "1", "singles"],
)
def test_a_text_without_pairs_has_no_merges(adapters, check, scratch_text, text):
    vocab, merges = adapters.run_train_bpe(input_path=scratch_text(text), vocab_size=300, special_tokens=[END])
    check_no_merges(check, vocab, merges, [END])


def test_a_corpus_with_no_pair_left_ends_training(adapters, check, scratch_text):
    hint = "every word is one token after these merges: nothing is left to merge"
    vocab, merges = check_merges(adapters, scratch_text, check, "quill quill tarn", 500, [END], hint)
    check.that(
        len(vocab) == 257 + len(merges),
        f"{WHO}: {len(vocab)} entries after {len(merges)} merges; expected 257 + one for each merge",
    )


def test_one_more_entry_is_one_more_merge(adapters, check, scratch_text):
    text = STRANGE["contractions"] * 2
    results = [
        adapters.run_train_bpe(input_path=scratch_text(text), vocab_size=257 + room, special_tokens=[END])
        for room in range(1, 6)
    ]
    sizes = [(len(vocab), len(merges)) for vocab, merges in results]
    check.equal(sizes, [(257 + room, room) for room in range(1, 6)], who=f"{WHO} as (entries, merges)")
    for (_, fewer), (_, more) in itertools.pairwise(results):
        check.equal(more[:-1], fewer, who=f"{WHO} as the merges but the last of a larger vocabulary")


def test_the_path_may_be_a_path_object(adapters, check, scratch_text):
    text = STRANGE["emoji"]
    _, merges = adapters.run_train_bpe(
        input_path=scratch_text(text, as_path=True), vocab_size=290, special_tokens=[END]
    )
    check.equal(merges, oracle.train(text, 290, [END]), who=f"{WHO} as its merges")


# ----------------------------------------------------------------------------------------------------------
# Circumstances


def test_the_result_does_not_depend_on_the_hash_seed(adapters, drivers, check, draw, scratch_text):
    text = stories(draw.integer(0, 2**31), 1500, lexicon=100)
    special_tokens = [END, *(f"<|{name}|>" for name in "abcdefg")]
    arguments = (scratch_text(text), 300, special_tokens)
    here = adapters.run_train_bpe(*arguments)
    there = drivers.train_bpe_in_a_new_process(*arguments, hash_seed=draw.integer(1, 2**31))
    hint = "sets and hashes of strings are in another order in every process"
    check.equal(there, here, who=f"{WHO} in a second process", hint=hint)


@pytest.mark.beyond_public_course
def test_training_works_where_processes_are_spawned(drivers, check, draw, scratch_text):
    text = stories(draw.integer(0, 2**31), 2000, lexicon=100)
    _, merges = drivers.train_bpe_where_processes_are_spawned(scratch_text(text), 300, [END])
    check.equal(merges, oracle.train(text, 300, [END]), who=f"{WHO} under multiprocessing's start method spawn")


def test_training_is_faster_than_recounting_for_each_merge(adapters, check, draw, scratch_text, stopwatch):
    texts = [stories(draw.integer(0, 2**31), 100_000, lexicon=20_000) for _ in range(stopwatch.most)]
    check_merges(adapters, scratch_text, check, "warm up " * 9, 9)
    expected, found = {}, {}

    def recount(repetition):
        expected[repetition] = oracle.train(texts[repetition], 377, [END])

    def student(repetition):
        path = scratch_text(texts[repetition])
        found[repetition] = adapters.run_train_bpe(input_path=path, vocab_size=377, special_tokens=[END])[1]

    ratio = stopwatch.ratio(student, recount, enough=0.5)
    check.equal(found, expected, who=f"{WHO} as its merges")
    check.that(
        ratio < 0.5,
        f"{WHO} took {ratio:.2f} of the time of a trainer that counts all pairs anew for each merge; "
        "expected less than 0.5. A merge changes only the counts of pairs beside it",
    )
