"""A tokenizer at work: its files, compression, throughput, and the array of ids it leaves for training."""

import json

import numpy
import pytest

from assignment1_basics.tests import bpe_oracle as oracle
from assignment1_basics.tests import gpt2_files
from assignment1_basics.tests.story_corpus import END, STRANGE, stories

BYTES = {byte: bytes([byte]) for byte in range(256)}

# The merges of odd tokens: a space, a line end, a hash sign, bytes that are no text.
ODD_MERGES = [
    (b"#", b"version"),
    (b" ", b" "),
    (b"\n", b"\r"),
    (b"\xf0", b"\x9f"),
    (b"\x00", b" "),
    (b"\xc2", b"\xa0"),
    (b'"', b"\\"),
    (b"\xad", b"\x7f"),
]


def saved(drivers, check, vocab, merges, **options):
    """The two files as text; they must be UTF-8 without a carriage return."""
    files = drivers.saved_vocabulary(vocab, merges, **options)
    for name, data in zip(("vocabulary", "merges"), files, strict=True):
        check.short(data, who=f"the {name} file of run_save_vocabulary")
        try:
            data.decode()
        except UnicodeDecodeError:
            check.that(False, f"run_save_vocabulary wrote a {name} file that is not UTF-8; expected UTF-8")
        check.that(b"\r" not in data, f"run_save_vocabulary wrote a carriage return to its {name} file; expected none")
    return [data.decode() for data in files]


def check_vocab_file(check, text, vocab):
    """The JSON object is the one from each token's characters to its id."""
    found = check.json(text, who="the vocabulary file of run_save_vocabulary")
    check.that(isinstance(found, dict), "run_save_vocabulary wrote a vocabulary that is no JSON object; expected one")
    expected = json.loads(gpt2_files.vocab_json(vocab, ascii_only=True))
    check.equal(found, expected, who="run_save_vocabulary as its vocabulary file")


def check_merges_file(check, text, merges):
    """The header and a pair a line, with or without a line end after the last."""
    expected = gpt2_files.merges_text(merges).removesuffix("\n").split("\n")
    check.equal(
        text.removesuffix("\n").split("\n"), expected, who="run_save_vocabulary as the lines of its merges file"
    )


@pytest.fixture
def trained(draw):
    """(vocabulary, merges) of a few stories and of odd text."""
    text = stories(draw.integer(0, 2**31), 1500, lexicon=120) + "".join(STRANGE.values())
    merges = oracle.train(text, 310, [END])
    return oracle.vocabulary(merges, [END]), merges


# ----------------------------------------------------------------------------------------------------------
# Files


def test_the_vocabulary_file_has_the_id_of_every_token(drivers, check, trained):
    check_vocab_file(check, saved(drivers, check, *trained)[0], trained[0])


def test_the_merges_file_has_a_pair_a_line_in_their_order(drivers, check, trained):
    check_merges_file(check, saved(drivers, check, *trained)[1], trained[1])


def test_bytes_that_are_not_text_are_written_as_characters(drivers, check):
    vocab = {**BYTES, **{256 + place: left + right for place, (left, right) in enumerate(ODD_MERGES)}}
    vocab_text, merges_text = saved(drivers, check, vocab, ODD_MERGES)
    check_vocab_file(check, vocab_text, vocab)
    check_merges_file(check, merges_text, ODD_MERGES)


def test_ids_need_not_be_consecutive(drivers, check, draw):
    vocab = {7 * byte + draw.integer(0, 7): bytes([byte]) for byte in range(256)} | {5000: b"ab"}
    check_vocab_file(check, saved(drivers, check, vocab, [(b"a", b"b")])[0], vocab)


def test_a_vocabulary_without_merges_is_saved(drivers, check):
    vocab_text, merges_text = saved(drivers, check, BYTES, [])
    check_vocab_file(check, vocab_text, BYTES)
    check_merges_file(check, merges_text, [])


@pytest.mark.parametrize("as_path", [False, True])
def test_files_that_are_there_are_replaced(drivers, check, trained, as_path):
    vocab_text, merges_text = saved(drivers, check, *trained, as_path=as_path, before=b"old\n" * 5000)
    check_vocab_file(check, vocab_text, trained[0])
    check_merges_file(check, merges_text, trained[1])


# ----------------------------------------------------------------------------------------------------------
# Compression and throughput


def test_the_ratio_is_all_bytes_over_all_tokens(adapters, check):
    for documents, encodings, ratio in (
        (["abcdef"], [[1, 2]], 3.0),
        (["水🦊"], [[1, 2]], 3.5),
        (["abcdefgh", "ab"], [[1], [2, 3]], 10 / 3),
        (["a" * 30, "b"], [[1, 2], [3]], 31 / 3),
        (["", "abc"], [[], [4]], 3.0),
        (["\r\n"], [[1]], 2.0),
        (["ab"], [[1, 2, 3, 4]], 0.5),
    ):
        found = adapters.run_compression_ratio(documents, encodings)
        check.close(found, ratio, rtol=1e-9, who="run_compression_ratio", hint=f"The documents were {documents}")


def test_each_vocabulary_compresses_its_own_kind_of_text(adapters, check, draw):
    corpora = [stories(draw.integer(0, 2**31), 1500, lexicon=lexicon) for lexicon in (60, 100)]
    for text in corpora:
        merges = oracle.train(text, 300, [END])
        vocab = oracle.vocabulary(merges, [END])
        for other in corpora:
            documents = [document[:200] for document in other.split(END)]
            encodings = [oracle.encode(document, vocab, merges) for document in documents]
            expected = sum(len(d.encode()) for d in documents) / sum(len(e) for e in encodings)
            found = adapters.run_compression_ratio(documents, encodings)
            check.close(found, expected, rtol=1e-9, who="run_compression_ratio")


def test_hours_at_a_throughput(adapters, check, draw):
    check.close(adapters.run_hours_to_tokenize(7200, 2.0), 1.0, rtol=1e-9, who="run_hours_to_tokenize")
    for _ in range(5):
        num_bytes, speed = draw.integer(10**6, 10**12), draw.number(1e4, 1e8)
        found = adapters.run_hours_to_tokenize(num_bytes, speed)
        check.close(found, num_bytes / (3600 * speed), rtol=1e-9, who="run_hours_to_tokenize")


# ----------------------------------------------------------------------------------------------------------
# The array of ids


def test_the_smallest_dtype_that_holds_every_id(adapters, check):
    for dtype, sizes in (
        ("uint8", (1, 128, 129, 255, 256)),
        ("uint16", (257, 10_000, 32_000, 32_769, 65_535, 65_536)),
        ("uint32", (65_537, 2**31 + 1, 2**32)),
        ("uint64", (2**32 + 1, 2**63 + 1)),
    ):
        for vocab_size in sizes:
            found = adapters.run_smallest_unsigned_dtype(vocab_size)
            check.equal(found, dtype, who="run_smallest_unsigned_dtype", hint=f"vocab_size was {vocab_size}")


def check_array(check, found, expected):
    check.that(
        found.dtype == expected.dtype and found.shape == expected.shape,
        f"run_token_array returned {found.dtype} {found.shape}; expected {expected.dtype} {expected.shape}",
    )
    wrong = int((found != expected).sum())
    check.that(wrong == 0, f"run_token_array returned {wrong} of {expected.size} wrong ids; expected all ids in order")


def test_ids_follow_each_other_in_one_array(adapters, check, draw):
    for vocab_size, dtype in (
        (200, "uint8"),
        (256, "uint8"),
        (300, "uint16"),
        (65_536, "uint16"),
        (70_000, "uint32"),
    ):
        encodings = [draw.integers(0, vocab_size, draw.integer(0, 30)).tolist() for _ in range(8)]
        encodings.append([vocab_size - 1, 0])
        expected = numpy.array([number for ids in encodings for number in ids], dtype=dtype)
        check_array(check, adapters.run_token_array(encodings, vocab_size), expected)


def test_the_vocabulary_decides_the_dtype_not_the_ids(adapters, check):
    check_array(check, adapters.run_token_array([[3, 1], [2]], 50_257), numpy.array([3, 1, 2], dtype="uint16"))


def test_no_ids_make_an_empty_array(adapters, check):
    for encodings in ([], [[]], [[], []]):
        check_array(check, adapters.run_token_array(encodings, 1000), numpy.array([], dtype="uint16"))


def test_a_negative_id_is_an_error(adapters, check):
    for vocab_size in (256, 65_536, 2**32):
        check.rejects(adapters.run_token_array, [[1, 2], [0, -1, 3]], vocab_size, who="run_token_array")


def test_an_id_of_vocab_size_or_more_is_an_error(adapters, check):
    for number, vocab_size in ((256, 256), (1000, 1000), (65_536, 65_536), (2**40, 70_000)):
        check.rejects(adapters.run_token_array, [[1, 2], [0, number, 3]], vocab_size, who="run_token_array")
