"""Reads a hand-in that is a .tar.gz: unpacked to a temporary file within the caps, then member by member.

The detour lets Python's reader seek, and lets every read of it be capped. Covered: truncated and damaged
streams, bombs, links, hard links, devices, FIFOs, sparse files, headers that run backwards or never end.
"""

import gzip
import tarfile
import tempfile
from collections.abc import Iterator
from typing import IO

from grader.intake.caps import MB, Meter, capped
from grader.intake.member import CHUNK, Kind, Member, nothing
from grader.intake.refusal import reading, refuse

EXPECTED = "a .tar.gz as any tool makes it"

KINDS = {
    tarfile.REGTYPE: Kind.FILE,
    tarfile.AREGTYPE: Kind.FILE,
    tarfile.CONTTYPE: Kind.FILE,
    tarfile.DIRTYPE: Kind.FOLDER,
    tarfile.SYMTYPE: Kind.SYMLINK,
    tarfile.LNKTYPE: Kind.HARDLINK,
    tarfile.FIFOTYPE: Kind.FIFO,
    tarfile.CHRTYPE: Kind.DEVICE,
    tarfile.BLKTYPE: Kind.DEVICE,
}


def members(file: IO[bytes], meter: Meter) -> Iterator[Member]:
    """The members of the compressed tar in `file`, in its order."""
    with tempfile.TemporaryFile() as plain:
        _decompress(file, plain, meter)
        with reading(meter.handin, EXPECTED):
            archive = tarfile.TarFile(fileobj=capped(plain, meter, CHUNK))
        while True:
            with reading(meter.handin, EXPECTED):
                info = archive.next()
            if info is None:
                return
            # The reader keeps every member it has seen; nobody asks for one twice.
            archive.members.clear()  # type: ignore[attr-defined]
            kind = Kind.SPARSE if info.issparse() else KINDS.get(info.type, Kind.OTHER)
            yield Member(
                info.name,
                kind,
                # Bound now: the loop moves on, though each member is used up before it does.
                (lambda info=info: _content(archive, info, meter)) if kind is Kind.FILE else nothing,  # type: ignore[misc]
                size=info.size,
            )


def _decompress(file: IO[bytes], plain: IO[bytes], meter: Meter) -> None:
    caps = meter.caps
    unpacked = 0
    with reading(meter.handin, EXPECTED):
        packed = file.seek(0, 2)
        stream = gzip.GzipFile(fileobj=capped(file, meter, MB))
    while True:
        with reading(meter.handin, EXPECTED):
            chunk = stream.read(CHUNK)
        if not chunk:
            break
        unpacked += len(chunk)
        meter.ratio(unpacked, packed)
        if unpacked > caps.scanned_bytes:
            fact = f"holds more than {caps.scanned_bytes // MB} MB"
            raise refuse(meter.handin, fact, "a hand-in without virtual environments, data or caches")
        plain.write(chunk)
    plain.flush()


def _content(archive: tarfile.TarFile, info: tarfile.TarInfo, meter: Meter) -> Iterator[bytes]:
    streamed = 0
    with reading(meter.handin, EXPECTED, info.name):
        stream = archive.extractfile(info)
        while stream is not None and (chunk := stream.read(CHUNK)):
            streamed += len(chunk)
            yield chunk
    if streamed != info.size:
        fact = f"holds {streamed} bytes though its header says {info.size}"
        raise refuse(meter.handin, fact, EXPECTED, info.name)
