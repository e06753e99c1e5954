"""What one benchmark brought when it was last run, kept as a JSON file beside the page that is made of all of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks import NAMES
from benchmarks.comparison import Comparison

FOLDER = "measured"


@dataclass(frozen=True)
class Section:
    """One benchmark: what it is about, what came of it, and on which machine, when, and beside what load."""

    name: str
    about: str
    comparisons: tuple[Comparison, ...]
    facts: Mapping[str, str]

    def keep(self, folder: Path) -> None:
        """Write it below `folder`, in place of what was measured before."""
        data = {
            "about": self.about,
            "facts": dict(self.facts),
            "comparisons": [comparison.as_json() for comparison in self.comparisons],
        }
        path = _file(folder, self.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
        unfinished.replace(path)


def kept(folder: Path) -> list[Section]:
    """What is kept below `folder`, in the order in which benchmarks run.

    Raises:
        ValueError: a file there is no kept section; the message names it.
    """
    return [_read(folder, name) for name in NAMES if _file(folder, name).is_file()]


def _read(folder: Path, name: str) -> Section:
    try:
        data = json.loads(_file(folder, name).read_text(encoding="utf-8"))
        comparisons = tuple(map(Comparison.from_json, data["comparisons"]))
        return Section(name, str(data["about"]), comparisons, {str(k): str(v) for k, v in data["facts"].items()})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{_file(folder, name)}: is not what a benchmark wrote ({error!r}); delete it") from None


def _file(folder: Path, name: str) -> Path:
    return folder / FOLDER / f"{name}.json"
