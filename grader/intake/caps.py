"""How much a hand-in may be, and the meter that counts it while it is streamed.

Sizes in an archive's headers are claims; only bytes that came out are counted.
"""

import io
import time
from dataclasses import dataclass
from typing import IO

from grader.intake.refusal import IntakeError, refuse

MB = 1024 * 1024


@dataclass(frozen=True)
class Caps:
    """Limits on one hand-in. `scanned_*` count what is left out, too; the others what is kept."""

    files: int = 2000
    total_bytes: int = 64 * MB
    file_bytes: int = 32 * MB
    path_bytes: int = 200
    depth: int = 12
    ratio: int = 200
    ratio_from_bytes: int = 4 * MB
    """The ratio is looked at from here on: small files of zeros are honest and compress a thousandfold."""
    scanned_entries: int = 20_000
    scanned_bytes: int = 256 * MB
    seconds: float = 60.0


CAPS = Caps()


class Meter:
    """What one hand-in has used of its caps so far."""

    def __init__(self, handin: str, caps: Caps) -> None:
        self.handin = handin
        self.caps = caps
        self._deadline = time.monotonic() + caps.seconds
        self._entries = 0
        self._files = 0
        self._total = 0

    def on_time(self) -> None:
        """Raise unless there is time left: crafted archives can be slow at every size."""
        if time.monotonic() > self._deadline:
            fact = f"took more than {self.caps.seconds:g} s to open"
            raise refuse(self.handin, fact, "an ordinary folder or archive")

    def entry(self) -> None:
        """Count one entry of any kind."""
        self.on_time()
        self._entries += 1
        if self._entries > self.caps.scanned_entries:
            raise self.over("entries", f"at most {self.caps.scanned_entries}")

    def file(self) -> None:
        """Count one file that is kept."""
        self._files += 1
        if self._files > self.caps.files:
            raise self.over("files", f"at most {self.caps.files}, without data or caches")

    def bytes(self, member: str, count: int, so_far: int, packed: int | None) -> None:
        """Count `count` more bytes from `member`, `so_far` in all; `packed` is its compressed size."""
        self.on_time()
        self._total += count
        if so_far > self.caps.file_bytes:
            size = f"at most {self.caps.file_bytes // MB} MB a file"
            raise refuse(self.handin, f"holds more than {self.caps.file_bytes // MB} MB", size, member)
        if self._total > self.caps.total_bytes:
            raise self.over("bytes", f"at most {self.caps.total_bytes // MB} MB in all")
        if packed is not None:
            self.ratio(so_far, packed, member)

    def ratio(self, unpacked: int, packed: int, member: str | None = None) -> None:
        """Raise where `unpacked` is out of all proportion to the `packed` bytes it came from."""
        if unpacked > self.caps.ratio_from_bytes and unpacked > self.caps.ratio * packed:
            fact = f"expands to more than {self.caps.ratio} times its compressed size"
            raise refuse(self.handin, fact, "source files, not a bomb", member)

    def over(self, what: str, expected: str) -> IntakeError:
        """The refusal of a hand-in that holds too many of `what`."""
        return refuse(self.handin, f"holds too many {what}", expected)


class CappedReader(io.BufferedReader):
    """A file that refuses long reads and late ones.

    The readers of the standard library trust lengths that stand in the archive (a zip's directory, a tar's
    extended headers) and read them in one piece. They read through this, so no length is believed that is
    more than `longest`, and no loop goes on for ever.
    """

    def __init__(self, raw: io.FileIO, meter: Meter, longest: int) -> None:
        super().__init__(raw)
        self._meter = meter
        self._longest = longest

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as any file does; raise `IntakeError` for more than `longest` bytes, or after the deadline."""
        self._meter.on_time()
        wanted = size
        if wanted is None or wanted < 0:
            here = self.tell()
            wanted = self.seek(0, io.SEEK_END) - here
            self.seek(here)
        if wanted > self._longest:
            fact = f"has a header of {wanted} bytes"
            raise refuse(self._meter.handin, fact, f"at most {self._longest} bytes in one header")
        return super().read(size)


def capped(file: IO[bytes], meter: Meter, longest: int) -> CappedReader:
    """A second, capped handle on the open `file`, from its start; closing it leaves `file` open."""
    handle = CappedReader(io.FileIO(file.fileno(), closefd=False), meter, longest)
    handle.seek(0)
    return handle
