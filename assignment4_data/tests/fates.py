"""Documents whose way through the filter pipeline is known, made of pages of the generated web.

Each is clear of every threshold: what is tested is the pipeline, not the filters. `lines` are what the C4 rules leave of
the page, so the text that must be written is known without running any filter here.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from assignment4_data import web

STAGES = ("language", "gopher", "c4", "nsfw", "toxicity", "quality", "duplicates")
KEPT = "kept"
_VELVET = re.compile("(adult|velvet)-placeholder", re.IGNORECASE)
_NOTICE = re.compile("cookie|privacy|terms of use|javascript", re.IGNORECASE)
_GRUMBLE = re.compile("grumble-word", re.IGNORECASE)
_MASKS = {
    "reader{}@example.com": "|||EMAIL_ADDRESS|||",
    "(283) 555-01{:02}": "|||PHONE_NUMBER|||",
    "192.0.2.{}": "|||IP_ADDRESS|||",
}


@dataclass(frozen=True)
class Page:
    """A document of a WET file, the stage that drops it (or `KEPT`), and the text that is written where it is kept."""

    uri: str
    text: str
    fate: str
    written: str = ""


class Pages:
    """Pages of every fate, all different, from a web that nobody knows in advance."""

    def __init__(self, draw) -> None:
        self._draw = draw
        self._seed = draw.integer(0, 2**31)
        self._sources: dict[tuple[str, str, bool], Iterator[web.Document]] = {}
        self._numbers = itertools.count()

    def kept(self) -> Page:
        """Reference prose with personal data in one of its paragraphs, a heading above it, a menu below."""
        lines = self._lines("prose", "wiki")
        number = self._draw.integer(1, 99)
        told = [(form.format(number), mask) for form, mask in _MASKS.items()]
        told = told[: self._draw.integer(0, 4)]
        sentence = " Questions about the collection may be sent to {} on any working day."
        place = self._draw.integer(0, len(lines))
        masked = list(lines)
        for value, mask in told:
            lines[place] += sentence.format(value)
            masked[place] += sentence.format(mask)
        return Page(self._uri(), _page(lines), KEPT, "\n".join(masked))

    def copy_of(self, page: Page) -> Page:
        """The same page at another place, under another heading, which the C4 rules drop."""
        body = page.text.partition("\n")[2]
        return Page(self._uri(), f"Mirror {self._draw.integer(0, 1000)}\n{body}", "duplicates")

    def pair_of_copies(self) -> tuple[Page, Page]:
        """Two pages that differ in an address alone, which is masked in both."""
        lines = self._lines("prose", "wiki")
        texts = [
            _page(
                [
                    *lines[:-1],
                    f"{lines[-1]} The archive can be reached as desk{number}@example.org for all of the year.",
                ]
            )
            for number in (1, 2)
        ]
        mask = "|||EMAIL_ADDRESS|||"
        written = [*lines[:-1], f"{lines[-1]} The archive can be reached as {mask} for all of the year."]
        return Page(self._uri(), texts[0], KEPT, "\n".join(written)), Page(self._uri(), texts[1], "duplicates")

    def foreign(self) -> Page:
        """Prose that is not English."""
        return Page(self._uri(), self._next("prose", "wiki", english=False).text, "language")

    def short(self) -> Page:
        """The beginning of an English text, of 40 words."""
        words = " ".join(self._lines("prose", "wiki")).split()[:39]
        return Page(self._uri(), " ".join([*words, "end."]), "gopher")

    def code(self) -> Page:
        """Prose with a line of a script in it."""
        lines = self._lines("prose", "wiki")
        return Page(self._uri(), _page([*lines, "if (ready) { return; }"]), "c4")

    def adult(self) -> Page:
        """Words for adults, without those that the C4 rules look for."""
        lines = [_VELVET.sub("for-adults-only", line) for line in self._lines("adult")]
        return Page(self._uri(), _page(lines), "nsfw")

    def toxic(self) -> Page:
        """Insults, without those that the C4 rules look for."""
        lines = [_GRUMBLE.sub("sour-word", line) for line in self._lines("toxic")]
        return Page(self._uri(), _page(lines), "toxicity")

    def chat(self) -> Page:
        """English that is fine, but talk."""
        return Page(self._uri(), _page(self._lines("prose", "cc")), "quality")

    def of_every_fate(self, each: int) -> list[Page]:
        """`each` pages of every fate, in any order but for copies, which come after what they repeat."""
        makers = (self.foreign, self.short, self.code, self.adult, self.toxic, self.chat, self.kept)
        pages = [make() for make in makers for _ in range(each)]
        pages = [pages[place] for place in self._draw.permutation(len(pages)).tolist()]
        for original in [page for page in pages if page.fate == KEPT][:each]:
            after = pages.index(original) + 1
            pages.insert(self._draw.integer(after, len(pages) + 1), self.copy_of(original))
        first, second = self.pair_of_copies()
        return [first, *pages, second]

    def _uri(self) -> str:
        return f"https://example.org/{self._draw.integer(0, 2**31)}/{next(self._numbers)}"

    def _lines(self, kind: str, quality: str = "cc") -> list[str]:
        """Paragraphs that the C4 rules keep as they are, of an English page of at least 80 words."""
        while True:
            found = self._next(kind, quality).truth["paragraphs"]
            lines = [line for line in found if line.endswith((".", "!", "?")) and not line.endswith("...")]
            lines = [line for line in lines if len(line.split()) >= 5 and not _NOTICE.search(line)]
            if sum(len(line.split()) for line in lines) >= 80:
                return lines

    def _next(self, kind: str, quality: str, english: bool = True) -> web.Document:
        """The next document of a kind; every document is given once."""
        key = (kind, quality, english)
        if key not in self._sources:
            self._sources[key] = (
                document
                for document in web.documents(self._seed, None)
                if (document.kind, document.truth["quality"], document.language == "en") == key
            )
        return next(self._sources[key])


def _page(lines: list[str]) -> str:
    """The text of a page as WET files hold it: what is around the prose is there, too."""
    return "\n".join(["From the collection", *lines, "Share this page"])


def write_wet(folder, name: str, pages: list[Page]) -> bytes:
    """The content of a WET file of these pages."""
    path = folder / name
    web.write_wet(path, [web.Document(page.uri, "en", "utf-8", b"", page.text, "prose", {}) for page in pages])
    return path.read_bytes()
