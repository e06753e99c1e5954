"""The text of a page, out of the bytes that a server sent."""

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import detect_encoding


def extract_text(html: bytes) -> str | None:
    """The text of the page in `html`; None where there is none to be had."""
    return extract_plain_text(decoded(html)) if html else None


def decoded(content: bytes) -> str:
    """The characters of `content`: UTF-8 where that is possible, because chance hardly ever makes valid UTF-8.

    Otherwise a detector decides. Where it says UTF-8 all the same, it has seen too few letters beyond ASCII to tell,
    and nearly all such pages are in windows-1252. Bytes that the encoding does not have become U+FFFD.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        encoding = detect_encoding(content)
    try:
        return content.decode("cp1252" if encoding == "utf-8" else encoding, errors="replace")
    except LookupError:  # the detector knows encodings that Python does not
        return content.decode("cp1252", errors="replace")
