"""Characters, their code points, and the bytes that encodings write for them."""


def null_character() -> str:
    """The character that `chr(0)` gives."""
    raise NotImplementedError("unicode1: write null_character in assignment1_basics/unicode.py")


def echoed(text: str) -> str:
    """What the interactive interpreter shows when an expression has the value `text`, without the line end.

    Quotes and backslashes are part of it.
    """
    raise NotImplementedError("unicode1: write echoed in assignment1_basics/unicode.py")


def printed(text: str) -> str:
    """All characters that `print(text)` writes, the line end it adds among them."""
    raise NotImplementedError("unicode1: write printed in assignment1_basics/unicode.py")


def code_points(text: str) -> list[int]:
    """The code point of each character of `text`, in order; one beyond U+FFFF is one number."""
    raise NotImplementedError("unicode1: write code_points in assignment1_basics/unicode.py")


def encoded_sizes(text: str) -> dict[str, int]:
    """How many bytes `text` takes in "utf-8", "utf-16" and "utf-32" (the keys), without a byte order mark."""
    raise NotImplementedError("unicode2: write encoded_sizes in assignment1_basics/unicode.py")


def bytewise_counterexample() -> bytes:
    """Valid UTF-8, of any length, that `decode_bytewise` of the handout fails on or decodes wrongly.

    `decode_bytewise(data)` is `"".join(bytes([byte]).decode("utf-8") for byte in data)`.
    """
    raise NotImplementedError("unicode2: write bytewise_counterexample in assignment1_basics/unicode.py")


def invalid_pair() -> bytes:
    """Two bytes that are not valid UTF-8: `.decode("utf-8")` raises UnicodeDecodeError."""
    raise NotImplementedError("unicode2: write invalid_pair in assignment1_basics/unicode.py")
