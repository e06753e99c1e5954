"""What is fuzzed: bytes from a worker, and bytes that are handed in. A target raises when something does not hold."""

import contextlib
import gzip
import tempfile
from collections.abc import Callable
from pathlib import Path

from grader import wire
from grader.errors import WireError
from grader.intake import Caps, IntakeError, open_handin

SMALL = Caps(files=40, file_bytes=2**16, total_bytes=2**18)
"""Caps so low that a fuzzer comes to them."""
NAME = "assignment0_tiny"


class Broken(Exception):
    """A promise that some bytes break."""


def wire_bytes(data: bytes) -> None:
    """Any bytes are a frame whose value is plain and can be sent again, or a `WireError`."""
    with contextlib.suppress(WireError):
        prefix, rest = data[: wire.PREFIX.size], data[wire.PREFIX.size :]
        if len(prefix) < wire.PREFIX.size:
            return
        header, blob = wire.lengths(prefix)
        if header + blob > len(rest):
            header, blob = min(header, len(rest)), max(len(rest) - header, 0)
        value = wire.decode(rest[:header], rest[header : header + blob])
        _plain(value)


def _plain(value: object) -> None:
    try:
        again = wire.copy(value)
    except WireError as error:
        if "nested" not in str(error) and "bits" not in str(error) and "utf" not in str(error).lower():
            raise Broken(f"what was decoded cannot be encoded: {error}") from error
    else:
        if wire.encode(again) != wire.encode(value):
            raise Broken("what was decoded does not survive the way back")


def intake_bytes(data: bytes) -> None:
    """Any archive is opened into its folder, within the caps, or refused; nothing is written elsewhere."""
    suffix, content = ".zip" if data[:1] == b"z" else ".tar.gz", data[1:]
    if data[:1] == b"t":
        content = gzip.compress(content, 1)
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        source = root / "in" / f"quill{suffix}"
        source.parent.mkdir()
        source.write_bytes(content)
        opened = root / "opened"
        with contextlib.suppress(IntakeError):
            open_handin(source, NAME, opened, SMALL)
        _contained(root, source, opened, content)


def _contained(root: Path, source: Path, opened: Path, content: bytes) -> None:
    if source.read_bytes() != content or {path.name for path in root.iterdir()} - {"in", "opened"}:
        raise Broken("something was written beside the hand-in's folder")
    if [path.name for path in source.parent.iterdir()] != [source.name]:
        raise Broken("something was written beside the archive")
    found = list(opened.rglob("*")) if opened.is_dir() else []
    if any(path.is_symlink() or not (path.is_file() or path.is_dir()) for path in found):
        raise Broken("something that is no file and no folder was made")
    sizes = [path.stat().st_size for path in found if path.is_file()]
    if len(sizes) > SMALL.files or sum(sizes) > SMALL.total_bytes or max(sizes, default=0) > SMALL.file_bytes:
        raise Broken(f"the caps were passed: {len(sizes)} files, {sum(sizes)} bytes")


TARGETS: dict[str, Callable[[bytes], None]] = {"wire": wire_bytes, "intake": intake_bytes}
