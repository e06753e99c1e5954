"""The pages in a WARC file."""

import os
import zlib
from collections.abc import Iterator

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from assignment4_data.extraction import extract_text

PAGES = frozenset({"text/html", "application/xhtml+xml"})


def iter_warc(path: os.PathLike) -> Iterator[tuple[str, str]]:
    """(URI, extracted text) of each HTML response in the file at `path`, in order; broken records are left out."""
    for uri, html in responses(path):
        text = extract_text(html)
        if text is not None:
            yield uri, text


def responses(path: os.PathLike) -> Iterator[tuple[str, bytes]]:
    """(URI, body) of each HTML response; ends where the file cannot be read any further."""
    with open(path, "rb") as file:
        records = ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=True)
        while True:
            try:
                record = next(records)
                body = _body(record)
            except (StopIteration, OSError):  # OSError: the compressed stream is damaged
                return
            if body is not None:
                yield record.headers["WARC-Target-URI"], body


def _body(record: WarcRecord) -> bytes | None:
    """The page in a record; None if it is no page, or not a whole one."""
    if record.http_headers is None or record.http_headers.status_code != 200:
        return None
    if (record.http_content_type or "").lower() not in PAGES:
        return None
    body = record.reader.read()
    if len(body) != record.content_length:
        return None
    if record.http_headers.get("Content-Encoding", "").lower() == "gzip":
        stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            body = stream.decompress(body)
        except zlib.error:
            return None
        if not stream.eof:
            return None
    return body
