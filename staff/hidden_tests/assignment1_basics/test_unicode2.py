"""Sizes of encodings at the borders where a character takes more bytes."""

import codecs

# code point: bytes in UTF-8, UTF-16, UTF-32
BORDERS = {
    0x7F: (1, 2, 4),
    0x80: (2, 2, 4),
    0x7FF: (2, 2, 4),
    0x800: (3, 2, 4),
    0xFEFF: (3, 2, 4),
    0xFFFF: (3, 2, 4),
    0x10000: (4, 4, 4),
    0x10FFFF: (4, 4, 4),
}


def test_sizes_at_the_borders(adapters, check, draw):
    for number, sizes in BORDERS.items():
        times = draw.integer(1, 50)
        expected = {name: times * size for name, size in zip(("utf-8", "utf-16", "utf-32"), sizes, strict=True)}
        found = adapters.run_encoded_sizes(chr(number) * times)
        check.equal(found, expected, who="run_encoded_sizes", hint=f"The character was U+{number:04X}")


def test_the_counterexample_has_a_character_of_several_bytes(adapters, check):
    found = adapters.run_bytewise_counterexample()
    check.that(
        any(byte >= 0x80 for byte in found),
        "run_bytewise_counterexample returned bytes that are all ASCII; expected a character of several bytes",
    )
    try:
        found.decode()
    except UnicodeDecodeError:
        check.that(False, "run_bytewise_counterexample returned bytes that are not UTF-8; expected UTF-8")


def test_no_decoder_completes_the_invalid_pair(adapters, check):
    pair, decoder = adapters.run_invalid_pair(), codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(pair, final=True)
    except UnicodeDecodeError:
        check.that(len(pair) == 2, f"run_invalid_pair returned {len(pair)} bytes; expected 2")
    else:
        check.that(False, "run_invalid_pair returned bytes that are UTF-8; expected bytes that are not")
