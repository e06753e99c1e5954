"""Rules in the manner of C4's (Raffel et al. 2020, section 2.2): some drop lines, some the whole page."""

import re
import string

BLOCKED_WORDS = frozenset(("adult-placeholder", "velvet-placeholder", "grumble-word"))
"""Words that cost a page. They stand for those of the real list, which are not fit to print."""

NOTICES = (
    "terms of use",
    "privacy policy",
    "cookie policy",
    "uses cookies",
    "use of cookies",
    "use cookies",
)
"""Phrases of notices, which cost their line."""

FEWEST_WORDS, FEWEST_SENTENCES = 5, 3
QUOTES = "\"'”’)"
_MARKER = re.compile(r"\[(?:[0-9]+|edit|citation needed)\]", re.IGNORECASE)


def c4_filter(text: str) -> str | None:
    """The lines of the page `text` that are kept, joined by newlines, or None where the page is dropped."""
    lowered = text.lower()
    if "{" in text or "lorem ipsum" in lowered:
        return None
    if any(word.strip(string.punctuation) in BLOCKED_WORDS for word in lowered.split()):
        return None
    lines = (_MARKER.sub("", line).strip() for line in text.split("\n"))
    kept = [line for line in lines if _is_prose(line)]
    if sum(map(_sentences, kept)) < FEWEST_SENTENCES:
        return None
    return "\n".join(kept)


def _is_prose(line: str) -> bool:
    bare = line.rstrip(QUOTES)
    lowered = line.lower()
    return (
        bare.endswith((".", "!", "?"))
        and not bare.endswith("...")
        and len(line.split()) >= FEWEST_WORDS
        and "javascript" not in lowered
        and not any(notice in lowered for notice in NOTICES)
    )


def _sentences(line: str) -> int:
    return sum(word.rstrip(QUOTES).endswith((".", "!", "?")) for word in line.split())
