"""Reads a hand-in that is a zip: the entries of its directory, each checked against its own local header.

Covered: encryption, methods other than stored and deflate, entries that share bytes (the bomb that is small
and flat), local headers that disagree with the directory, sizes that are lies, links hidden in the
attributes, names cut short by a NUL, directories too long to hold. Not covered: bytes between entries, which
nobody reads.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from grader.intake.caps import MB, CappedReader, Meter, capped
from grader.intake.folder import KINDS
from grader.intake.member import CHUNK, Kind, Member, nothing
from grader.intake.refusal import reading, refuse

EXPECTED = "a zip as any tool makes it"
LONGEST_DIRECTORY = 8 * MB

LOCAL_HEADER = struct.Struct("<4sHHHHHLLLHH")
ENCRYPTED, SIZES_FOLLOW, UTF_8 = 0x1 | 0x40 | 0x2000, 0x8, 0x800
WINDOWS_LINK = 0x400
SEE_ZIP64 = 0xFFFFFFFF


def members(file: IO[bytes], meter: Meter) -> Iterator[Member]:
    """The members of the zip in `file`, in the order of its directory."""
    with reading(meter.handin, EXPECTED):
        handle = capped(file, meter, LONGEST_DIRECTORY)
        archive = zipfile.ZipFile(handle)
    entries = archive.infolist()
    if len(entries) > meter.caps.scanned_entries:
        raise meter.over("entries", f"at most {meter.caps.scanned_entries}")
    for info in entries:
        if info.orig_filename != info.filename and "\0" in info.orig_filename:
            raise refuse(meter.handin, "has a NUL character in its name", "a plain name", info.orig_filename)
        if info.flag_bits & ENCRYPTED:
            raise refuse(meter.handin, "is encrypted", "a zip without a password", info.filename)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            fact = f"is compressed by method {info.compress_type}"
            raise refuse(meter.handin, fact, "ordinary zip compression (deflate)", info.filename)
    starts = _disjoint(entries, handle, archive.start_dir, meter)
    for index, info in enumerate(entries):
        kind = _kind(info)
        yield Member(
            info.filename,
            kind,
            # Bound now: the loop moves on, though each member is used up before it does.
            (lambda info=info, start=starts[index]: _content(handle, info, start, meter))  # type: ignore[misc]
            if kind is Kind.FILE
            else nothing,
            packed=info.compress_size,
            size=info.file_size,
        )


def _kind(info: zipfile.ZipInfo) -> Kind:
    """What the attributes say, on whatever system they claim to have been written."""
    if info.external_attr & WINDOWS_LINK:
        return Kind.SYMLINK
    named = Kind.FOLDER if info.filename.endswith("/") else Kind.FILE
    said = stat.S_IFMT(info.external_attr >> 16)
    if not said:
        return named
    kind = KINDS.get(said, Kind.OTHER)
    # A folder by its attributes and a file by its name (or the other way round) is read both ways by someone.
    return kind if kind is named or kind not in (Kind.FILE, Kind.FOLDER) else Kind.OTHER


def _disjoint(entries: list[zipfile.ZipInfo], handle: CappedReader, directory: int, meter: Meter) -> dict[int, int]:
    """Where the content of each entry begins, by the entry's place in the directory.

    Refuses entries that share bytes with each other or with the directory, or whose two headers differ.
    """
    starts, ends = {}, 0
    for index, info in sorted(enumerate(entries), key=lambda numbered: numbered[1].header_offset):
        with reading(meter.handin, EXPECTED, info.filename):
            handle.seek(info.header_offset)
            header = LOCAL_HEADER.unpack(handle.read(LOCAL_HEADER.size))
            magic, _, flags, method, _, _, _, packed, unpacked, name_bytes, extra_bytes = header
            name = handle.read(name_bytes).decode("utf-8" if info.flag_bits & UTF_8 else "cp437")
        if info.header_offset < ends:
            raise refuse(meter.handin, "overlaps another entry", EXPECTED, info.filename)
        sizes_differ = not flags & SIZES_FOLLOW and (
            packed not in (info.compress_size, SEE_ZIP64) or unpacked not in (info.file_size, SEE_ZIP64)
        )
        differ = flags & ENCRYPTED or method != info.compress_type or name != info.orig_filename or sizes_differ
        if magic != b"PK\x03\x04" or differ:
            raise refuse(meter.handin, "is described differently by its two headers", EXPECTED, info.filename)
        starts[index] = info.header_offset + LOCAL_HEADER.size + name_bytes + extra_bytes
        ends = starts[index] + info.compress_size
        if ends > directory:
            raise refuse(meter.handin, "overlaps the zip's directory", EXPECTED, info.filename)
    return starts


def _content(handle: CappedReader, info: zipfile.ZipInfo, start: int, meter: Meter) -> Iterator[bytes]:
    """The entry's bytes, all of them: `zipfile` would stop at the claimed size and never see the rest."""
    streamed, checksum = 0, 0
    for chunk in _unpacked(handle, info, start, meter):
        streamed += len(chunk)
        checksum = zlib.crc32(chunk, checksum)
        yield chunk
    if (streamed, checksum) != (info.file_size, info.CRC):
        fact = f"holds {streamed} bytes that do not fit the size or checksum in its header"
        raise refuse(meter.handin, fact, EXPECTED, info.filename)


def _unpacked(handle: CappedReader, info: zipfile.ZipInfo, start: int, meter: Meter) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    done, packed = 0, b""
    while done < info.compress_size or packed:
        with reading(meter.handin, EXPECTED, info.filename):
            if not packed:
                handle.seek(start + done)
                packed = handle.read(min(CHUNK, info.compress_size - done))
                done += len(packed)
                if not packed:
                    raise EOFError("the file ended early")
            if info.compress_type == zipfile.ZIP_STORED:
                chunk, packed = packed, b""
            else:
                chunk = unpacker.decompress(packed, CHUNK)
                packed = unpacker.unconsumed_tail
            if unpacker.unused_data:
                raise zlib.error("bytes after the end of the compressed data")
        yield chunk
    if info.compress_type == zipfile.ZIP_DEFLATED:
        with reading(meter.handin, EXPECTED, info.filename):
            rest = unpacker.flush(CHUNK)
            if not unpacker.eof:
                raise zlib.error("incomplete compressed data")
        yield rest
