"""One page of the generated web, and what is true of it."""

from dataclasses import dataclass
from typing import Any

LANGUAGES = ("en", "de", "fr", "es", "ru", "zh", "ja")
KINDS = ("prose", "boilerplate", "login", "adult", "toxic", "near_duplicate", "exact_duplicate", "personal")


@dataclass(frozen=True)
class Document:
    """A page as bytes, as text, and its truth.

    `text` is all that a reader sees, one paragraph or list item a line: what a WET file holds. `truth` has `title`,
    `paragraphs` (the main content), `quality` ("wiki" or "cc"), `nsfw`, `toxic`, `duplicate_of` (the address of the
    page that this one repeats, or None) and the `emails`, `phones` and `ips` in the text. All of it can be JSON.
    """

    uri: str
    language: str
    encoding: str
    html: bytes
    text: str
    kind: str
    truth: dict[str, Any]
