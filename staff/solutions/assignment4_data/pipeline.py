"""All filters, one after another: from WET files to the documents that are worth training on."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecordType

from assignment4_data import c4, gopher, harmful, language, personal_data, quality

Step = Callable[[str], str | None]
"""The text as it goes on, or None where the document ends here."""


def filter_pipeline(wet_paths: list[os.PathLike], output_directory: os.PathLike) -> dict[str, dict[str, int]]:
    """Filter the documents of all WET files; {"language": {"in": n, "out": m}, …} with the filters in order.

    One document is in memory at a time; of those that were kept, 16 bytes each to know their copies by.
    """
    steps: dict[str, Step] = {
        "language": keep_where(lambda text: language.identify_language(text)[0] == "en"),
        "gopher": keep_where(gopher.gopher_quality_filter),
        "c4": c4.c4_filter,
        "nsfw": keep_where(lambda text: harmful.classify_nsfw(text)[0] == "non-nsfw"),
        "toxicity": keep_where(lambda text: harmful.classify_toxic_speech(text)[0] == "non-toxic"),
        "quality": keep_where(lambda text: quality.classify_quality(text)[0] == "wiki"),
        "duplicates": first_of_copies(),
    }
    counts = {name: {"in": 0, "out": 0} for name in steps}
    folder = Path(output_directory)
    folder.mkdir(parents=True, exist_ok=True)
    for path in map(Path, wet_paths):
        with (folder / f"{path.name}.jsonl").open("w", encoding="utf-8", newline="\n") as file:
            for uri, text in wet_documents(path):
                kept = through(steps, counts, text)
                if kept is not None:
                    file.write(json.dumps({"uri": uri, "text": kept}, ensure_ascii=False) + "\n")
    return counts


def wet_documents(path: os.PathLike) -> Iterator[tuple[str, str]]:
    """(URI, text) of each conversion record of a WET file."""
    with Path(path).open("rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.conversion):
            text = record.reader.read().decode("utf-8", errors="replace")
            yield record.headers["WARC-Target-URI"], text


def through(steps: dict[str, Step], counts: dict[str, dict[str, int]], text: str) -> str | None:
    """The text as it comes out of the last step; None where a step dropped it. `counts` are kept up."""
    for name, step in steps.items():
        counts[name]["in"] += 1
        kept = step(text)
        if kept is None:
            return None
        counts[name]["out"] += 1
        text = kept
    return text


def keep_where(is_good: Callable[[str], bool]) -> Step:
    """A step that changes no text."""
    return lambda text: text if is_good(text) else None


def first_of_copies() -> Step:
    """A step that masks personal data, and drops what it has seen before in the same words."""
    seen: set[bytes] = set()

    def step(text: str) -> str | None:
        for mask in (personal_data.mask_emails, personal_data.mask_phone_numbers, personal_data.mask_ips):
            text, _ = mask(text)
        key = hashlib.blake2b(text.encode("utf-8", errors="surrogatepass"), digest_size=16).digest()
        if key in seen:
            return None
        seen.add(key)
        return text

    return step
