"""Pages of the generated web for tests: chosen by encoding, and looked for in what student code returned."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from resiliparse.parse.encoding import detect_encoding

from assignment4_data.web import Document, documents

OLD_ENCODINGS = {"cp1252": ("de", "fr", "es"), "cp1251": ("ru",), "shift_jis": ("ja",), "gb18030": ("zh",)}
_MARKUP = re.compile(r"<[a-z/!]|dataLayer|margin:|cached copy")


def pages_in(encoding: str, seed: int, count: int) -> list[Document]:
    """`count` pages in an old encoding, of those from which a detector can tell it."""
    pages = (page for page in documents(seed, None) if page.encoding == encoding and _told(page))
    return list(islice((page for page in pages if page.language in OLD_ENCODINGS[encoding]), count))


def pages_in_utf8(seed: int, count: int) -> list[Document]:
    """`count` pages in UTF-8."""
    return list(islice((page for page in documents(seed, None) if page.encoding == "utf-8"), count))


def untold(seed: int, count: int) -> list[Document]:
    """`count` pages in windows-1252 with so few letters beyond ASCII that the detector takes them for UTF-8."""
    pages = (page for page in documents(seed, None) if page.encoding == "cp1252" and not _is_utf8(page))
    return list(islice((page for page in pages if detect_encoding(page.html) == "utf-8"), count))


def squeezed(text: str) -> str:
    """The text with single spaces."""
    return " ".join(text.split())


def check_text(check: Any, text: Any, document: Document, who: str) -> None:
    """The text has the page's title and every paragraph, in order and whole, and nothing of its markup."""
    check.that(isinstance(text, str), f"{who} returned {type(text).__name__} for a page; expected str")
    check.that("\ufffd" not in text, f"{who} returned U+FFFD for bytes that are text in {document.encoding}")
    found = squeezed(text)
    place = 0
    for paragraph in _parts(document):
        place = found.find(squeezed(paragraph), place)
        check.that(
            place >= 0,
            f"{who} returned text of {len(text)} characters without a paragraph of the page "
            f"({document.language}, {document.encoding}), or with its paragraphs in another order",
        )
    rest = _MARKUP.search(found)
    check.that(rest is None, f"{who} returned text with markup or script in it: {rest and rest[0]!r}")


def _parts(document: Document) -> Iterator[str]:
    yield document.truth["title"]
    yield from document.truth["paragraphs"]


def _is_utf8(document: Document) -> bool:
    try:
        document.html.decode()
    except UnicodeDecodeError:
        return False
    return True


def _told(document: Document) -> bool:
    if _is_utf8(document):
        return False
    encoding = detect_encoding(document.html)
    return document.html.decode(encoding, errors="replace") == document.html.decode(document.encoding)
