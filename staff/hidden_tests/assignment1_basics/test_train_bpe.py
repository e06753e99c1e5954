"""BPE training on other text: random scripts, many special tokens, larger files."""

import pytest

from assignment1_basics.tests import bpe_oracle as oracle
from assignment1_basics.tests.story_corpus import END, STRANGE, stories, tangle

WHO = "run_train_bpe"


def check_merges(adapters, scratch_text, check, text, room, special_tokens=(END,), hint=""):
    special_tokens = list(special_tokens)
    size = 256 + len(special_tokens) + room
    vocab, merges = adapters.run_train_bpe(
        input_path=scratch_text(text), vocab_size=size, special_tokens=special_tokens
    )
    found, expected = oracle.comparable(merges, oracle.train(text, size, special_tokens))
    check.equal(found, expected, who=f"{WHO} as its merges", hint=hint)
    check.equal(sorted(vocab), list(range(len(vocab))), who=f"{WHO} as the sorted ids of its vocabulary")
    entries = [bytes([byte]) for byte in range(256)] + [token.encode() for token in special_tokens]
    entries += [left + right for left, right in merges]
    check.equal(sorted(vocab.values()), sorted(entries), who=f"{WHO} as the sorted values of its vocabulary")


@pytest.mark.beyond_public_course
def test_random_text(adapters, check, draw, scratch_text):
    for _ in range(6):
        check_merges(adapters, scratch_text, check, draw.text(250), 60, [END])


@pytest.mark.beyond_public_course
def test_random_letters_and_counts(adapters, check, draw, scratch_text):
    for _ in range(8):
        alphabet = [draw.text(draw.integer(1, 3)) for _ in range(draw.integer(1, 5))] + [" ", "a"]
        check_merges(adapters, scratch_text, check, tangle(draw.integer(0, 2**31), 70, alphabet), 50)


@pytest.mark.beyond_public_course
def test_stories_with_other_line_ends(adapters, check, draw, scratch_text):
    text = stories(draw.integer(0, 2**31), 3000, lexicon=150)
    for line_end in ("\r\n", "\r", "\n\r\n"):
        check_merges(adapters, scratch_text, check, text.replace("\n", line_end), 60, [END])


def test_an_empty_list_of_special_tokens_cuts_nothing(adapters, check, draw, scratch_text):
    text = stories(draw.integer(0, 2**31), 1500, lexicon=100) + "ab" * draw.integer(5, 30)
    hint = "special_tokens was []: the file is one document, cut nowhere (an empty pattern matches everywhere)"
    check_merges(adapters, scratch_text, check, text, 50, [], hint)


@pytest.mark.parametrize("count", [2, 5, 12])
def test_many_special_tokens(adapters, check, draw, scratch_text, count):
    # All of one length: no place at which the order of matching could matter.
    special_tokens = [f"<|{first}{second}|>" for first, second in zip("abcdefghijkl", "*+?.()[]{}|^", strict=True)]
    special_tokens = special_tokens[:count]
    text = tangle(draw.integer(0, 2**31), 200, [*special_tokens, "a", "b|", " <|", "|>", "a*", "cc", "\n"])
    check_merges(adapters, scratch_text, check, text, 60, special_tokens)


def test_special_tokens_are_cut_out_before_anything_else(adapters, check, draw, scratch_text):
    text = f"we'{END}ll and 12{END}34 and a {END} b and é{END}\u0301 and \n{END}\n\n{END}\r{END}\n" * 4
    check_merges(adapters, scratch_text, check, text, 60, [END])


def test_the_last_document_counts_with_and_without_an_end(adapters, check, scratch_text):
    for ending in ("", "\n", END, END + "\n", "  "):
        check_merges(adapters, scratch_text, check, f"quill brook{END}tarn ember" + ending, 40, [END])


@pytest.mark.beyond_public_course
def test_all_line_and_space_characters(adapters, check, draw, scratch_text):
    alphabet = [
        *"\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\u00a0\u1680\u2000\u2028\u2029\u202f\u205f\u3000\ufeff\u200b",
        "a",
        "\r\n",
    ]
    for _ in range(3):
        check_merges(adapters, scratch_text, check, tangle(draw.integer(0, 2**31), 120, alphabet), 60)


def test_a_byte_order_mark_is_text(adapters, check, scratch_text):
    check_merges(adapters, scratch_text, check, "\ufeff" + "\ufeffbrook " * 4, 40)


def test_counts_beyond_a_byte(adapters, check, draw, scratch_text):
    text = "ab " * 300 + "cd " * 299 + "ef " * draw.integer(255, 258)
    check_merges(adapters, scratch_text, check, text, 12)


def test_a_long_training_keeps_its_counts(adapters, check, draw, scratch_text):
    strange = (text for name, text in STRANGE.items() if name != "crlf")
    text = stories(draw.integer(0, 2**31), 8000, lexicon=500) + END.join(strange)
    check_merges(adapters, scratch_text, check, text, 400, [END])


def test_a_larger_file_is_counted_whole(adapters, check, draw, scratch_text):
    # Five megabytes: enough for a trainer that reads in blocks, or starts processes only for large files.
    short = stories(draw.integer(0, 2**31), 100_000, lexicon=400)
    text = short * 30 + short.replace(END, "é水") * 10 + STRANGE["emoji"] * 6000 + END + short * 3
    check_merges(adapters, scratch_text, check, text, 12, [END])


@pytest.mark.parametrize("shift", range(4))
def test_words_at_the_borders_of_blocks_are_whole(adapters, check, draw, scratch_text, shift):
    # In each word xy and yx are as frequent, so yx is merged; a word cut before an x has one yx less, at whatever
    # size a file is cut into blocks, and with one of four shifts.
    x, y = draw.choice([("a", "b"), ("m", "t"), ("q", "z")])
    text = " " * shift + ((x + y) * 50 + x + "\n") * 52_000
    found = adapters.run_train_bpe(input_path=scratch_text(text), vocab_size=258, special_tokens=[END])[1]
    hint = "a block of a file may end in the middle of a word"
    check.equal(found, [(y.encode(), x.encode())], who=f"{WHO} as its merges", hint=hint)


def test_one_file_after_another(adapters, check, draw, scratch_text):
    for seed in range(3):
        text = stories(draw.integer(0, 2**31), 800, lexicon=60, separator="[SEP]")
        check_merges(adapters, scratch_text, check, text, 30, ["[SEP]"] if seed else [END])
