"""Files of other vocabularies, random documents, and arrays of ids at the borders of the dtypes."""

import json

import numpy
import pytest

from assignment1_basics.tests import gpt2_files


def test_random_tokens_come_back_from_the_files(drivers, check, draw):
    tokens = list({bytes(draw.integers(0, 256, draw.integer(1, 7)).tolist()) for _ in range(200)})
    vocab = dict(zip(draw.permutation(4000)[: len(tokens)].tolist(), tokens, strict=True))
    merges = [(draw.choice(tokens), draw.choice(tokens)) for _ in range(150)]
    vocab_file, merges_file = drivers.saved_vocabulary(vocab, merges, as_path=draw.boolean().item())
    who = "run_save_vocabulary"
    check.short(merges_file, who=f"the merges file of {who}")
    try:
        text, lines = vocab_file.decode(), merges_file.decode().removesuffix("\n").split("\n")
    except ValueError:
        check.that(False, f"{who} wrote a file that is not UTF-8; expected UTF-8")
    found = check.json(text, who=f"the vocabulary file of {who}")
    check.equal(found, json.loads(gpt2_files.vocab_json(vocab, ascii_only=False)), who=f"{who} as its vocabulary")
    expected = gpt2_files.merges_text(merges).removesuffix("\n").split("\n")
    check.equal(lines, expected, who=f"{who} as the lines of its merges file")


def test_the_ratio_of_random_documents(adapters, check, draw):
    for _ in range(8):
        documents = [draw.text(draw.integer(0, 60)) for _ in range(draw.integer(1, 8))]
        encodings = [list(range(draw.integer(0, 30))) for _ in documents]
        encodings[-1].append(0)
        expected = sum(map(len, map(str.encode, documents))) / sum(map(len, encodings))
        found = adapters.run_compression_ratio([*documents, "é"], [*encodings, []])
        # One more character of two bytes that takes no token.
        expected += 2 / sum(map(len, encodings))
        check.close(found, expected, rtol=1e-9, who="run_compression_ratio")


def test_the_pile_at_a_measured_throughput(adapters, check, draw):
    speed = draw.number(2e5, 2e7)
    found = adapters.run_hours_to_tokenize(825 * 10**9, speed)
    check.close(found, 825e9 / speed / 3600, rtol=1e-9, who="run_hours_to_tokenize")


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_one_id_more_takes_the_next_dtype(adapters, check, draw, bits):
    inside = draw.integer(2 ** (bits // 2) + 2 if bits > 8 else 2, 2**bits)
    for vocab_size, width in ((inside, bits), (2**bits, bits), (2**bits + 1, 2 * bits)):
        found = adapters.run_smallest_unsigned_dtype(vocab_size)
        check.equal(found, f"uint{width}", who="run_smallest_unsigned_dtype")


def test_the_array_keeps_the_greatest_id(adapters, check, draw):
    for vocab_size, dtype in (
        (256, "uint8"),
        (257, "uint16"),
        (65_536, "uint16"),
        (65_537, "uint32"),
        (2**33, "uint64"),
    ):
        encodings = [[draw.integer(0, vocab_size), vocab_size - 1], [], [vocab_size - 1]]
        found = adapters.run_token_array(encodings, vocab_size)
        flat = [number for ids in encodings for number in ids]
        check.that(
            found.dtype == dtype and found.shape == (3,),
            f"run_token_array returned {found.dtype} {found.shape}; expected {dtype} (3,)",
        )
        check.equal([int(number) for number in found], flat, who="run_token_array")


def test_long_documents_stay_in_order(adapters, check, draw):
    encodings = [draw.integers(0, 5000, 400).tolist() for _ in range(20)]
    found = adapters.run_token_array(encodings, 5000)
    expected = numpy.concatenate([numpy.array(ids, dtype="uint16") for ids in encodings])
    check.that(
        found.shape == expected.shape and bool((found == expected).all()),
        "run_token_array returned other ids than it was given; expected all in order",
    )


def test_one_id_out_of_range_among_many_is_an_error(adapters, check, draw):
    for wrong, vocab_size in ((-1, 300), (300, 300), (-5, 70_000), (2**16, 2**16)):
        encodings = [draw.integers(0, 256, 50).tolist() for _ in range(4)]
        encodings[draw.integer(0, 4)][draw.integer(0, 50)] = wrong
        check.rejects(adapters.run_token_array, encodings, vocab_size, who="run_token_array")
