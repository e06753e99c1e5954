"""All parts as one corpus: of copies in different files the first is kept, in the order in which the files were given.

The hashes of all documents are sorted into buckets on the disk, and looked at one bucket after another: memory holds one
bucket, and one bit a document.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from assignment4_data.scale.parts import Counts, Part, lines_of

BUCKETS = 64
_HASH, _NUMBER = 16, 8


def merge(parts: list[Part], out: Path) -> Counts:
    """Write `documents/<name>.jsonl` for every part; the counts of all filters over all parts."""
    copies = _copies(parts, out / "work")
    counts = _summed(parts)
    folder = out / "documents"
    folder.mkdir(exist_ok=True)
    number = kept = 0
    for part in parts:
        written = out / "work" / "documents.jsonl"
        with written.open("wb") as file:
            for line, _ in lines_of(part):
                if not copies[number >> 3] >> (number & 7) & 1:
                    file.write(line)
                    kept += 1
                number += 1
            file.flush()
            os.fsync(file.fileno())
        written.replace(folder / f"{part.wet.name}.jsonl")
    names = {f"{part.wet.name}.jsonl" for part in parts}
    for older in [path for path in folder.iterdir() if path.name not in names]:
        older.unlink()
    if counts:
        counts["duplicates"]["out"] = kept
    return counts


def _copies(parts: list[Part], work: Path) -> bytearray:
    """One bit a document, in the order of the parts: whether the same text came before."""
    number = 0
    with ExitStack() as stack:
        buckets = [stack.enter_context((work / f"bucket-{place}").open("wb")) for place in range(BUCKETS)]
        for part in parts:
            for _, key in lines_of(part):
                buckets[key[0] % BUCKETS].write(key + number.to_bytes(_NUMBER, "little"))
                number += 1
    copies = bytearray((number + 7) // 8)
    for place in range(BUCKETS):
        seen: set[bytes] = set()
        for key, document in _records(work / f"bucket-{place}"):
            if key in seen:
                copies[document >> 3] |= 1 << (document & 7)
            seen.add(key)
        (work / f"bucket-{place}").unlink()
    return copies


def _records(bucket: Path) -> Iterator[tuple[bytes, int]]:
    with bucket.open("rb") as file:
        while record := file.read(_HASH + _NUMBER):
            yield record[:_HASH], int.from_bytes(record[_HASH:], "little")


def _summed(parts: list[Part]) -> Counts:
    total: Counts = {}
    for part in parts:
        for name, count in part.read_counts().items():
            sums = total.setdefault(name, {"in": 0, "out": 0})
            sums["in"] += count["in"]
            sums["out"] += count["out"]
    return total


def digest(out: Path) -> str:
    """A hash of everything that was kept: two runs over the same files have the same."""
    found = hashlib.sha256()
    for path in sorted((out / "documents").glob("*.jsonl")):
        found.update(path.name.encode() + b"\x1f")
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                found.update(block)
    return found.hexdigest()
