"""One WET file, filtered: made in a folder of its own, and moved to its place when all of it is on the disk.

A part is two files, the documents and the counts; the counts come last. So a part whose counts are there is whole, whenever
the process was killed, and a part that is made twice has the same name and content.
"""

import hashlib
import importlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Counts = dict[str, dict[str, int]]
PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Part:
    """A WET file, and the folder of the run that it is filtered for. `key` says what the result depends on."""

    wet: Path
    out: Path
    key: str

    @property
    def documents(self) -> Path:
        """What was kept, one JSON object a line."""
        return self.out / "parts" / f"{self.key}.jsonl"

    @property
    def counts(self) -> Path:
        """What came into each filter and out of it."""
        return self.out / "parts" / f"{self.key}.json"

    def read_counts(self) -> Counts:
        """The counts of a part that is done."""
        return json.loads(self.counts.read_text(encoding="utf-8"))


class PipelineError(Exception):
    """The pipeline returned or left something that cannot be used."""


def planned(wets: list[Path], out: Path) -> list[Part]:
    """The parts of a run, in the order of the files.

    Raises:
        OSError: a file cannot be read.
        ValueError: two files have the same name, so that their outputs would, too.
    """
    names: dict[str, Path] = {}
    for wet in wets:
        if wet.name in names:
            raise ValueError(f"{names[wet.name]} and {wet} have the same name; expected names that differ")
        names[wet.name] = wet
    code = _code()
    parts = []
    for wet in wets:
        found = wet.stat()
        told = f"{wet.resolve()}\x1f{found.st_size}\x1f{found.st_mtime_ns}\x1f{code}"
        parts.append(Part(wet.resolve(), out.resolve(), hashlib.sha256(told.encode()).hexdigest()[:24]))
    return parts


def make(part: Part) -> Counts:
    """Filter the file, unless that was done before; its counts.

    Raises:
        PipelineError: the pipeline did not do what the handout says.
    """
    if part.counts.exists():
        return part.read_counts()
    pipeline = importlib.import_module("assignment4_data.adapters").run_filter_pipeline
    work = Path(tempfile.mkdtemp(dir=part.out / "work"))
    counts = _checked(pipeline([part.wet], work))
    made = work / f"{part.wet.name}.jsonl"
    if not made.is_file():
        raise PipelineError(f"the pipeline left no file {made.name}")
    _move(made, part.documents)
    told = work / "counts.json"
    told.write_text(json.dumps(counts), encoding="utf-8")
    _move(told, part.counts)
    shutil.rmtree(work)
    return counts


def lines_of(part: Part) -> Iterator[tuple[bytes, bytes]]:
    """(line, 16 bytes that stand for its text) of every document of a part."""
    with part.documents.open("rb") as file:
        for line in file:
            text = json.loads(line)["text"].encode("utf-8", errors="surrogatepass")
            yield line, hashlib.blake2b(text, digest_size=16).digest()


def _checked(counts: object) -> Counts:
    good = isinstance(counts, dict) and all(
        isinstance(value, dict) and set(value) == {"in", "out"} and all(type(n) is int for n in value.values())
        for value in counts.values()
    )
    if not good or "duplicates" not in counts:  # type: ignore[operator]
        raise PipelineError('the pipeline returned no {"language": {"in": n, "out": m}, …, "duplicates": …}')
    return counts  # type: ignore[return-value]


def _move(source: Path, target: Path) -> None:
    """To its final place, on the disk before it is there by name."""
    with source.open("rb") as file:
        os.fsync(file.fileno())
    source.replace(target)


def _code() -> str:
    """A hash of the hand-in: other code makes other parts."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.glob("*.py")):
        digest.update(path.name.encode() + b"\x1f" + path.read_bytes())
    return digest.hexdigest()
