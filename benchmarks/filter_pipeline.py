"""The reference's filter pipeline: what its form costs beside the same filters in one plain loop, and its growth.

The first row has both sides read the same generated WET files on one core and write what is left; what is written must
be the same, byte for byte, or the run fails. The second row has ten times the files against one part of them done ten
times: 1 means that cost grows with the data, and no faster. That memory does not grow at all is a test
(`grader/tests/test_data_scale.py`).
"""

import hashlib
import json
import tempfile
from functools import partial
from pathlib import Path

from assignment4_data import c4, gopher, harmful, language, personal_data, pipeline, quality
from assignment4_data.web import documents
from assignment4_data.web.archives import write_wet
from benchmarks.comparison import Comparison, Cost, by_turns, cost_of

SEED = 336
PARTS = 10


def compare(folder: Path, quick: bool) -> list[Comparison]:
    """What the form costs, and how the cost grows."""
    count, repetitions = (40, 2) if quick else (1_000, 5)
    paths = [_wet(folder, number, count) for number in range(PARTS)]
    kept = _ours(paths)  # classifiers are loaded once a process, and that is not measured
    costs = by_turns(partial(cost_of, partial(_ours, paths)), partial(_checked, paths, kept), repetitions)
    growth = by_turns(partial(cost_of, partial(_ours, paths)), partial(_in_parts, paths), repetitions)
    total = PARTS * count
    rate = total / min(cost.cpu for cost in costs[0])
    return [
        Comparison(
            f"filter {total} documents ({rate:.0f} a second and core)", "`filter_pipeline`",
            "the same filters in one loop", "cpu", 1.1, None, *costs,
        ),
        Comparison(
            f"filter {PARTS} files of {count} documents", "`filter_pipeline`",
            f"{PARTS} times the first of them", "cpu", 1.1, None, *growth,
        ),
    ]  # fmt: skip


def _wet(folder: Path, number: int, count: int) -> Path:
    path = folder / f"{number:02}.warc.wet.gz"
    write_wet(str(path), documents(SEED + number, count))
    return path


def _checked(paths: list[Path], expected: str) -> Cost:
    found: list[str] = []
    cost = cost_of(lambda: found.append(_plainly(paths)))
    if found != [expected]:
        raise ValueError("the plain loop keeps other documents; expected the same from both")
    return cost


def _in_parts(paths: list[Path]) -> Cost:
    """The first file, as often as there are files."""
    return cost_of(lambda: [_ours(paths[:1]) for _ in paths])


def _ours(paths: list[Path]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        pipeline.filter_pipeline(list(paths), Path(folder))
        return _digest(Path(folder))


def _plainly(paths: list[Path]) -> str:
    seen: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            with (Path(folder) / f"{path.name}.jsonl").open("w", encoding="utf-8", newline="\n") as file:
                for uri, text in pipeline.wet_documents(path):
                    if language.identify_language(text)[0] != "en" or not gopher.gopher_quality_filter(text):
                        continue
                    kept = c4.c4_filter(text)
                    if kept is None or harmful.classify_nsfw(kept)[0] != "non-nsfw":
                        continue
                    if harmful.classify_toxic_speech(kept)[0] != "non-toxic":
                        continue
                    if quality.classify_quality(kept)[0] != "wiki":
                        continue
                    for mask in (personal_data.mask_emails, personal_data.mask_phone_numbers, personal_data.mask_ips):
                        kept, _ = mask(kept)
                    if kept not in seen:
                        seen.add(kept)
                        file.write(json.dumps({"uri": uri, "text": kept}, ensure_ascii=False) + "\n")
        return _digest(Path(folder))


def _digest(folder: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        whole.update(path.name.encode() + path.read_bytes())
    return whole.hexdigest()
