"""What a run kept and dropped: `report.json` for programs, `report.md` for people, `funnel.svg` for the eye."""

import json
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path

from assignment4_data.scale.parts import Counts

CRAWL_FILES = 100_000
"""WET files of one crawl of Common Crawl, about."""

_WIDTH, _ROW, _LABEL = 760, 34, 150


@dataclass(frozen=True)
class Report:
    """A run: the same files and the same code give the same report, with any number of workers."""

    files: int
    counts: Counts
    failed: dict[str, str]
    sha256: str


def write(report: Report, out: Path, filtered: int, seconds: float) -> None:
    """All three files, each moved to its place when it is whole; `filtered` files took `seconds` in this run."""
    _put(out / "report.json", json.dumps(asdict(report), indent=1, ensure_ascii=False) + "\n")
    _put(out / "report.md", as_text(report, filtered, seconds))
    _put(out / "funnel.svg", funnel(report.counts))


def as_text(report: Report, filtered: int, seconds: float) -> str:
    """A page of Markdown."""
    lines = [f"# {report.files} files", "", "| Filter | In | Out | Dropped |", "|---|---|---|---|"]
    for name, count in report.counts.items():
        dropped = count["in"] - count["out"]
        share = f" ({dropped / count['in']:.1%})" if count["in"] else ""
        lines.append(f"| {name} | {count['in']} | {count['out']} | {dropped}{share} |")
    if filtered:
        hours = CRAWL_FILES * seconds / filtered / 3600
        lines += ["", f"{filtered} files were filtered in {seconds:.1f} s: {filtered / seconds:.2f} files a second."]
        lines += [f"{CRAWL_FILES:,} files of this size would take {hours:,.1f} hours at this rate."]
    lines += ["", *(f"- **{name}** failed: `{error}`" for name, error in report.failed.items())]
    return "\n".join(lines).rstrip() + "\n"


def funnel(counts: Counts) -> str:
    """A bar for what comes in, and one for what each filter leaves, as SVG."""
    rows = [("documents", next(iter(counts.values()))["in"])] if counts else []
    rows += [(name, count["out"]) for name, count in counts.items()]
    most = max((number for _, number in rows), default=0) or 1
    height = _ROW * len(rows) + 10
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="14">',
        f'<rect width="{_WIDTH}" height="{height}" fill="white"/>',
    ]
    for place, (name, number) in enumerate(rows):
        width = (_WIDTH - _LABEL - 130) * number / most
        y = 5 + place * _ROW
        left = _LABEL + (_WIDTH - _LABEL - 130 - width) / 2
        drawn.append(f'<text x="{_LABEL - 10}" y="{y + 20}" text-anchor="end">{escape(name)}</text>')
        drawn.append(f'<rect x="{left:.1f}" y="{y}" width="{width:.1f}" height="{_ROW - 6}" fill="#3b6ea5"/>')
        drawn.append(f'<text x="{_WIDTH - 120}" y="{y + 20}">{number} ({number / most:.1%})</text>')
    return "\n".join([*drawn, "</svg>"]) + "\n"


def _put(path: Path, text: str) -> None:
    written = path.with_name(f".{path.name}")
    written.write_text(text, encoding="utf-8")
    written.replace(path)
