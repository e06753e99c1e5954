"""Encodings: their sizes, bytes that cannot be decoded one by one, bytes that cannot be decoded at all."""

# text: bytes in UTF-8, UTF-16, UTF-32
SIZES = {
    "": (0, 0, 0),
    "a": (1, 2, 4),
    "\x00": (1, 2, 4),
    "é": (2, 2, 4),
    "e\u0301": (3, 4, 8),
    "水": (3, 2, 4),
    "🦊": (4, 4, 4),
    "\ufeffa": (4, 4, 8),
    "hello, 水の🦊!": (18, 24, 44),
}


def decoded(data):
    """The text of `data`, or None if it is not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def decoded_bytewise(data):
    """What a decoder makes of `data` that takes every byte for a character."""
    parts = [decoded(bytes([byte])) for byte in data]
    return None if None in parts else "".join(parts)


def test_encodings_take_their_bytes_for_each_character(adapters, check):
    for text, sizes in SIZES.items():
        expected = dict(zip(("utf-8", "utf-16", "utf-32"), sizes, strict=True))
        found = adapters.run_encoded_sizes(text)
        check.equal(found, expected, who="run_encoded_sizes", hint=f"The text was {text!a}")


def test_sizes_of_random_text(adapters, check, draw):
    for _ in range(5):
        text = draw.text(draw.integer(5, 80))
        points = [ord(character) for character in text]
        expected = {
            "utf-8": sum(1 + (point > 0x7F) + (point > 0x7FF) + (point > 0xFFFF) for point in points),
            "utf-16": sum(2 + 2 * (point > 0xFFFF) for point in points),
            "utf-32": 4 * len(points),
        }
        check.equal(adapters.run_encoded_sizes(text), expected, who="run_encoded_sizes")


def test_the_counterexample_is_valid_utf_8(adapters, check):
    found = adapters.run_bytewise_counterexample()
    check.that(
        decoded(found) is not None,
        f"run_bytewise_counterexample returned {found!r}, which is not UTF-8; expected bytes that are",
    )


def test_the_counterexample_is_not_decoded_byte_by_byte(adapters, check):
    found = adapters.run_bytewise_counterexample()
    check.that(
        decoded_bytewise(found) is None or decoded_bytewise(found) != decoded(found),
        f"run_bytewise_counterexample returned {found!r}, which decode_bytewise decodes; expected bytes on which it fails",
    )


def test_the_invalid_pair_is_two_bytes(adapters, check):
    found = adapters.run_invalid_pair()
    check.that(len(found) == 2, f"run_invalid_pair returned {len(found)} bytes; expected 2")


def test_the_invalid_pair_is_not_utf_8(adapters, check):
    found = adapters.run_invalid_pair()
    check.that(
        decoded(found) is None, f"run_invalid_pair returned {found!r}, which is UTF-8; expected bytes that are not"
    )
