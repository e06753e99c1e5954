"""What every form of hand-in is reduced to: named members, each with a kind and a stream of bytes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

CHUNK = 16 * 1024
"""Bytes read at a time. Also the longest header believed in a tar: Python's reader of extended headers takes
time quadratic in their length, and none that a student's tool writes comes near."""


class Kind(Enum):
    """What a member is. The value is how a refusal calls it."""

    FILE = "a file"
    FOLDER = "a folder"
    SYMLINK = "a symbolic link"
    HARDLINK = "a hard link"
    FIFO = "a FIFO"
    DEVICE = "a device"
    SOCKET = "a socket"
    SPARSE = "a sparse file"
    OTHER = "of an unknown kind"


@dataclass(frozen=True)
class Member:
    """One entry of a hand-in as its container names it; nothing about it has been checked."""

    name: str
    kind: Kind
    chunks: Callable[[], Iterator[bytes]]
    packed: int | None = None
    """Compressed size, where the container compresses members one by one."""
    size: int = 0
    """What the container says the content is long. A claim: what comes out is counted by the meter."""


def nothing() -> Iterator[bytes]:
    """The content of a member that is no file."""
    return iter(())
