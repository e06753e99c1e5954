"""Archives for tests, record by record, and what student code made of them."""

from io import BytesIO
from typing import Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from assignment4_data.tests.web_pages import check_text
from assignment4_data.web import Document, write_warc

WHO = "run_iter_warc"


class Archive:
    """A WARC file in memory."""

    def __init__(self, compressed: bool = True) -> None:
        self._file = BytesIO()
        self._writer = WARCWriter(self._file, gzip=compressed)
        self.ends: list[int] = []  # where each record ends

    def page(
        self, uri: str, body: bytes, content_type: str | None = "text/html", status: str = "200 OK", **fields: str
    ) -> None:
        """A response; `fields` are further lines of its header, with `_` for `-`."""
        lines = [("Content-Type", content_type)] if content_type is not None else []
        lines += [(name.replace("_", "-"), value) for name, value in fields.items()]
        http = StatusAndHeaders(status, lines, protocol="HTTP/1.1")
        self._add(uri, "response", body, http_headers=http)

    def other(self, kind: str, uri: str, body: bytes) -> None:
        """A record that is no response."""
        self._add(uri, kind, body, warc_content_type="text/html")

    def content(self) -> bytes:
        """The file's bytes."""
        return self._file.getvalue()

    def _add(self, uri: str, kind: str, body: bytes, **more: Any) -> None:
        record = self._writer.create_warc_record(uri, kind, payload=BytesIO(body), length=len(body), **more)
        self._writer.write_record(record)
        self.ends.append(self._file.tell())


def html(words: str) -> bytes:
    """A small page that says `words`."""
    return f"<html><head><title>Page</title></head><body><p>{words}</p></body></html>".encode()


def crawl(folder: Any, documents: list[Document], broken: int = 0) -> bytes:
    """The bytes of a WARC file of `documents`, with broken records."""
    write_warc(folder / "crawl.warc.gz", documents, broken)
    return (folder / "crawl.warc.gz").read_bytes()


def check_pairs(check: Any, returned: Any) -> list[tuple[str, str]]:
    """What was returned is a list of pairs of texts."""
    check.that(isinstance(returned, list), f"{WHO} returned {type(returned).__name__}; expected list")
    for item in returned:
        fits = isinstance(item, tuple) and len(item) == 2 and all(isinstance(part, str) for part in item)
        check.that(fits, f"{WHO} returned a list with {type(item).__name__} in it; expected tuples of two str")
    return returned


def check_uris(check: Any, returned: Any, expected: list[str]) -> list[tuple[str, str]]:
    """The addresses, all of them and in order."""
    pairs = check_pairs(check, returned)
    addresses = [uri for uri, _ in pairs]
    extra, missing = set(addresses) - set(expected), set(expected) - set(addresses)
    check.that(
        not extra and not missing,
        f"{WHO} returned {len(extra)} addresses that are no whole HTML page, and left out {len(missing)} that are",
    )
    check.that(addresses == expected, f"{WHO} returned addresses twice or in another order than the file's")
    return pairs


def check_crawl(check: Any, returned: Any, documents: list[Document]) -> None:
    """Every document, with its text."""
    pairs = check_uris(check, returned, [document.uri for document in documents])
    for (_, text), document in zip(pairs, documents, strict=True):
        check_text(check, text, document, WHO)
