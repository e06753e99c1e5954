"""The pages of a generated web, one after another, each a function of the seed and of its number alone."""

from collections.abc import Iterator
from itertools import count as counting

from assignment4_data.web.chance import Chance
from assignment4_data.web.document import Document
from assignment4_data.web.markup import markup, seen
from assignment4_data.web.pages import Page, altered, page

REACH = 64  # a duplicate repeats one of so many pages before it

_KINDS = {
    "prose": 46,
    "boilerplate": 16,
    "login": 6,
    "adult": 5,
    "toxic": 5,
    "near_duplicate": 8,
    "exact_duplicate": 6,
    "personal": 8,
}
_LANGUAGES = {"en": 60, "de": 8, "fr": 7, "es": 7, "ru": 6, "zh": 6, "ja": 6}
_OLD_ENCODINGS = {"ru": "cp1251", "zh": "gb18030", "ja": "shift_jis"}  # all others: cp1252
_CHARSETS = {"utf-8": "utf-8", "cp1252": "windows-1252", "cp1251": "windows-1251"}  # as pages declare them
_ENGLISH_ONLY = frozenset({"adult", "toxic", "personal"})
_REPEATED = frozenset({"prose", "personal"})  # the kinds that duplicates repeat
_CURLY = str.maketrans({"'": "’"})


def documents(seed: int, count: int | None) -> Iterator[Document]:
    """The first `count` pages of the web that `seed` names; None goes on for ever. Memory does not grow."""
    for number in counting() if count is None else range(count):
        yield document(seed, number)


def document(seed: int, number: int) -> Document:
    """Page `number`, from 0 on."""
    chance = Chance("page", seed, number)
    kind, original = _kind(seed, number), None
    if kind.endswith("_duplicate"):
        original = _original(seed, number)
        if original is None:
            kind = "prose"
    told = number if original is None else original
    language, words = _words(seed, told, _kind(seed, told) if original is not None else kind)
    if kind == "near_duplicate":
        words = altered(words, language, chance)
    old = chance.number() < 0.4
    encoding = _OLD_ENCODINGS.get(language, "cp1252") if old else "utf-8"
    charset = _CHARSETS.get(encoding, encoding) if chance.number() < 0.5 else None
    html = markup(words, kind, language, charset, chance).encode(encoding)
    truth = {
        **words.facts(),
        "nsfw": kind == "adult",
        "toxic": kind == "toxic",
        "duplicate_of": None if original is None else _address(seed, original),
    }
    return Document(_address(seed, number), language, encoding, html, seen(words), kind, truth)


def _kind(seed: int, number: int) -> str:
    return Chance("kind", seed, number).weighted(_KINDS)


def _original(seed: int, number: int) -> int | None:
    """The page that the duplicate `number` repeats; None where no page before it can be repeated."""
    near = [before for before in range(max(0, number - REACH), number) if _kind(seed, before) in _REPEATED]
    return Chance("original", seed, number).choice(near) if near else None


def _words(seed: int, number: int, kind: str) -> tuple[str, Page]:
    chance = Chance("words", seed, number)
    language = "en" if kind in _ENGLISH_ONLY else chance.weighted(_LANGUAGES)
    words = page(kind, language, chance)
    return language, _curly(words) if language in ("en", "fr") else words


def _curly(words: Page) -> Page:
    """Apostrophes as printers set them: what makes English text no ASCII."""
    return Page(
        words.title.translate(_CURLY),
        tuple(paragraph.translate(_CURLY) for paragraph in words.paragraphs),
        words.menu,
        words.quality,
        words.emails,
        words.phones,
        words.ips,
    )


def _address(seed: int, number: int) -> str:
    chance = Chance("site", seed, number)
    site = chance.choice(["harbour", "mill", "lantern", "orchard", "granite", "heron", "compass", "thimble"])
    domain = chance.choice(["example.org", "example.com", "example.net"])
    scheme = "http" if chance.number() < 0.3 else "https"
    return f"{scheme}://{site}{chance.below(40)}.{domain}/{seed}/page-{number}.html"
