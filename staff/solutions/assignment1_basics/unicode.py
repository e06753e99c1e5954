"""Characters, their code points, and the bytes that encodings write for them."""

ENCODINGS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
"""Names that write no byte order mark."""


def null_character() -> str:
    """The character that `chr(0)` gives."""
    return "\x00"


def echoed(text: str) -> str:
    """What the interactive interpreter shows when an expression has the value `text`."""
    return repr(text)


def printed(text: str) -> str:
    """All characters that `print(text)` writes: it leaves none out, a null character neither."""
    return text + "\n"


def code_points(text: str) -> list[int]:
    """The code point of each character of `text`."""
    return [ord(character) for character in text]


def encoded_sizes(text: str) -> dict[str, int]:
    """How many bytes `text` takes in three encodings, without a byte order mark."""
    return {name: len(text.encode(codec)) for name, codec in ENCODINGS.items()}


def bytewise_counterexample() -> bytes:
    """UTF-8 of a character that takes two bytes, neither of which is a character by itself."""
    return "é".encode()


def invalid_pair() -> bytes:
    """Two bytes that are not valid UTF-8: the first announces a second from 0x80 to 0xBF."""
    return b"\xc3("
