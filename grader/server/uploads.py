"""Bytes on their way in, and where they are kept: `uploads/<two digits>/<sha256>/<file name>`, written once.

A request's body is read piece by piece, and no further than its limit. A file is whole and on the disk before its row is
written, so that no row is without its file; a file without a row, left by a server that died in between, harms nobody.
"""

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from grader.server.errors import Refused, ServerRefusal, TooLarge

SUFFIXES = (".tar.gz", ".tgz", ".zip", ".py")
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
MOST_FIELDS, LONGEST_FIELD = 8, 4096
FORM_BYTES = 64 * 1024
"""What a form may take around its file."""
CHUNK = 1 << 20


@dataclass(frozen=True)
class Upload:
    """A file that has arrived, and is kept."""

    file_name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Form:
    """What a request brought."""

    fields: dict[str, str]
    upload: Upload | None


async def receive(request: Request, uploads: Path, limit: int) -> Form:
    """Read a form with at most one file, in its field `file`, and keep the file.

    Raises:
        TooLarge: the file is longer than `limit` bytes.
        Refused: it is no such form, or the file's name does not end as a hand-in's must.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind != "multipart/form-data":
        raise Refused("the body is not multipart/form-data; expected a form with the file in its field 'file'")
    stream = _counted(request, limit)
    try:
        parser = MultiPartParser(
            request.headers, stream, max_files=1, max_fields=MOST_FIELDS, max_part_size=LONGEST_FIELD
        )
        form = await parser.parse()
    except MultiPartException as error:
        raise Refused(f"the form cannot be read: {error.message}") from None
    except (KeyError, ValueError, ClientDisconnect) as error:
        raise Refused(f"the form cannot be read: {type(error).__name__}") from None
    finally:
        await stream.aclose()
    try:
        fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        files = {name: value for name, value in form.multi_items() if isinstance(value, UploadFile)}
        if any(name != "file" for name in files):
            raise Refused("the form holds a file in another field; expected it in 'file'")
        file = files.get("file")
        if file is None or not (file.filename or file.size):  # a browser sends an empty part for a field left empty
            return Form(fields, None)
        if not file.size:
            raise Refused("the file is empty; expected a .zip, .tar.gz, .tgz or .py")
        return Form(fields, await run_in_threadpool(_keep, file.file, _plain(file.filename or ""), uploads))
    finally:
        await form.close()


def path_of(uploads: Path, sha256: str, file_name: str) -> Path:
    """Where a file is kept."""
    return uploads / sha256[:2] / sha256 / file_name


def keep(source: Path, uploads: Path) -> Upload:
    """Keep a file that lies on this machine already."""
    with source.open("rb") as file:
        return _keep(file, _plain(source.name), uploads)


async def _counted(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    too_large = TooLarge(f"the file is larger than {limit >> 20} MB; expected at most that, without data or caches")
    with contextlib.suppress(ValueError):
        if int(request.headers.get("content-length", "0")) > limit + FORM_BYTES:
            raise too_large
    count = 0
    async for chunk in request.stream():
        count += len(chunk)
        if count > limit + FORM_BYTES:
            raise too_large
        yield chunk


def _plain(name: str) -> str:
    """The name under which a file is kept: the sender's where it is a plain one, else one of the same form.

    Raises:
        Refused: it ends in none of the ways in which a hand-in may.
    """
    suffix = next((suffix for suffix in SUFFIXES if name.casefold().endswith(suffix)), None)
    if suffix is None:
        raise Refused("the file is of an unknown form; expected a .zip, .tar.gz, .tgz or .py")
    return name if PLAIN.fullmatch(name) else f"handin{suffix}"


def _keep(file: IO[bytes], file_name: str, uploads: Path) -> Upload:
    """Copy a file to its place; whoever sees it there sees all of it."""
    whole, size = hashlib.sha256(), 0
    try:
        uploads.mkdir(parents=True, exist_ok=True)
        draft = uploads / f".arriving-{secrets.token_hex(8)}"
        try:
            file.seek(0)
            with draft.open("xb") as copy:
                while chunk := file.read(CHUNK):
                    whole.update(chunk)
                    size += len(chunk)
                    copy.write(chunk)
                copy.flush()
                os.fsync(copy.fileno())
            place = path_of(uploads, whole.hexdigest(), file_name)
            place.parent.mkdir(parents=True, exist_ok=True)
            draft.replace(place)
            for folder in (place.parent, place.parent.parent, uploads):
                _settle(folder)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise Full(f"the server cannot keep the file ({error.strerror}); tell the staff") from error
    return Upload(file_name, whole.hexdigest(), size)


class Full(ServerRefusal):
    """The disk does not take it."""

    status = 507


def _settle(folder: Path) -> None:
    """Have the names in a folder on the disk, too."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
