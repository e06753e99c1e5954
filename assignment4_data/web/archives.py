"""WARC, WET and truth files of documents: the formats of Common Crawl, written by warcio, the same to the byte each time.

A broken record is one of four kinds that crawls are full of: a response that is no HTTP, one that is no HTML, a
page that was not found, and a body that ends in the middle of a compressed stream.
"""

import gzip
import hashlib
import json
import os
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from assignment4_data.web.document import Document

_BEGIN = datetime(2024, 2, 29, 12, tzinfo=UTC)


class _Archive:
    """A file of records whose identifiers and dates follow from their place in it."""

    def __init__(self, path: str | os.PathLike[str], file: BytesIO) -> None:
        self._name = Path(path).name
        self._writer = WARCWriter(file, gzip=True)
        self._records = 0
        information = {"software": "assignment4_data.web", "format": "WARC File Format 1.0"}
        self._write(self._writer.create_warcinfo_record(self._name, information))

    def add(self, kind: str, uri: str, body: bytes, http: StatusAndHeaders | None = None) -> None:
        """One record; `http` are the lines of a request or a response, None for a record that has none."""
        content = {"conversion": "text/plain", "metadata": "application/warc-fields"}.get(kind)
        content = content or f"application/http; msgtype={kind}"
        record = self._writer.create_warc_record(
            uri, kind, payload=BytesIO(body), length=len(body), http_headers=http, warc_content_type=content
        )
        self._write(record)

    def _write(self, record) -> None:  # type: ignore[no-untyped-def]  # warcio has no types
        key = hashlib.sha256(f"{self._name}\x1f{self._records}".encode()).digest()
        date = _BEGIN + timedelta(seconds=self._records)
        record.rec_headers.replace_header("WARC-Record-ID", f"<urn:uuid:{uuid.UUID(bytes=key[:16], version=4)}>")
        record.rec_headers.replace_header("WARC-Date", date.strftime("%Y-%m-%dT%H:%M:%SZ"))
        self._writer.write_record(record)
        self._records += 1


def write_warc(path: str | os.PathLike[str], documents: Iterable[Document], broken: int = 0) -> int:
    """Writes a request and a response for each document; returns how many documents there were.

    After every `broken`-th document comes a broken record, of the four kinds in turn; 0 leaves them out.
    """
    number = 0
    with open(path, "wb") as file:
        archive = _Archive(path, file)  # type: ignore[arg-type]
        for number, document in enumerate(documents, 1):
            host = document.uri.split("/")[2]
            archive.add(
                "request", document.uri, b"", StatusAndHeaders("GET / HTTP/1.1", [("Host", host)], is_http_request=True)
            )
            archive.add("response", document.uri, document.html, answer("200 OK", "text/html", document.html))
            if broken and number % broken == 0:
                _add_broken(archive, document, number // broken)
    return number


def write_wet(path: str | os.PathLike[str], documents: Iterable[Document]) -> int:
    """Writes the plain text of each document as a conversion record; returns how many documents there were."""
    count = 0
    with open(path, "wb") as file:
        archive = _Archive(path, file)  # type: ignore[arg-type]
        for document in documents:
            archive.add("conversion", document.uri, document.text.encode())
            count += 1
    return count


def write_truth(path: str | os.PathLike[str], documents: Iterable[Document]) -> int:
    """Writes what is true of each document as one line of JSON; returns how many documents there were."""
    count = 0
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        for document in documents:
            line = {
                "uri": document.uri,
                "language": document.language,
                "encoding": document.encoding,
                "kind": document.kind,
                **document.truth,
            }
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            count += 1
    return count


def answer(status: str, content_type: str, body: bytes, **fields: str) -> StatusAndHeaders:
    """The header of an HTTP response with `body`; `fields` are further ones, with `_` for `-`."""
    lines = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
    lines += [(name.replace("_", "-"), value) for name, value in fields.items()]
    return StatusAndHeaders(status, lines, protocol="HTTP/1.1")


def _add_broken(archive: _Archive, document: Document, turn: int) -> None:
    uri = document.uri.replace("page-", "broken-")
    match turn % 4:
        case 0:
            archive.add("response", uri, document.html, StatusAndHeaders("502", [], protocol="NOISE"))
        case 1:
            archive.add("response", uri, b"\x89PNG\r\n\x1a\n" + bytes(64), answer("200 OK", "image/png", b""))
        case 2:
            body = b"<html><body><p>There is nothing here.</p></body></html>"
            archive.add("response", uri, body, answer("404 Not Found", "text/html", body))
        case 3:
            body = gzip.compress(document.html, mtime=0)[:-40]
            archive.add("response", uri, body, answer("200 OK", "text/html", body, Content_Encoding="gzip"))
