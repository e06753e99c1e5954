"""The page: `README.md`, with how to read it, the machine, and every ratio beside its goal."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.comparison import Comparison

INTRODUCTION = """\
# Benchmarks

Written by `make bench` (`python -m benchmarks`). Do not edit: run it again.

## How to read this page

- A ratio is our time over the named peer's: 1 is level, 2 is twice as long. Less is better.
- Both sides do the same work in the same run on the same machine, by turns, and who begins changes each time. The ratio is the
  median over the repetitions' own ratios; *least – greatest* says how far they spread. Seconds are there to judge by how
  much a ratio matters, and mean nothing on another machine.
- *wall* is time on the clock. *processor* is user and system time of all processes and threads of that side; other
  programs disturb it less, and it does not tell what a second core brings. The goal is about the measure in its row;
  the last column has the ratio by the other.
- Goals come from the course's plan. A missed one is a fact on this page; nothing fails because of it, and no test asks for
  seconds.
- `python -m benchmarks NAME...` runs some, `--quick` with small sizes (whose ratios mean little); both print the
  page, and leave this file as it is, unless `--out DIR` is given.
"""

MEASURES = {"wall": "wall", "cpu": "processor"}


@dataclass(frozen=True)
class Section:
    """One benchmark: what it is about and what came of it, or why nothing did."""

    name: str
    about: str
    comparisons: Sequence[Comparison]
    load: float
    """The load average when it began; the runs before it are part of that."""
    failure: str = ""


def page(sections: Sequence[Section], facts: Mapping[str, str]) -> str:
    """The whole page as Markdown."""
    parts = [INTRODUCTION, _summary(sections), _machine(facts), *map(_section, sections)]
    return "\n".join(parts)


def verdict(comparison: Comparison) -> str:
    """Whether the goal is met."""
    if comparison.ratio() > comparison.goal:
        return "missed"
    if comparison.better_goal is None:
        return "met"
    return "met, the better one too" if comparison.ratio() <= comparison.better_goal else "met"


def goal(comparison: Comparison) -> str:
    """The goal in words."""
    better = "" if comparison.better_goal is None else f" (better: {comparison.better_goal:g})"
    return f"at most {comparison.goal:g}{better}"


def _summary(sections: Sequence[Section]) -> str:
    comparisons = [comparison for section in sections for comparison in section.comparisons]
    missed = [comparison for comparison in comparisons if verdict(comparison) == "missed"]
    lines = ["## Summary", "", f"{len(comparisons) - len(missed)} of {len(comparisons)} goals are met.", ""]
    for comparison in missed:
        lines.append(
            f"- missed: {comparison.work}, {MEASURES[comparison.by]}: {comparison.ratio():.2f}; {goal(comparison)}"
        )
    lines += [f"- did not run: {section.name}" for section in sections if section.failure]
    return "\n".join(lines).rstrip() + "\n"


def _machine(facts: Mapping[str, str]) -> str:
    rows = [f"| {name} | {value} |" for name, value in facts.items()]
    return "\n".join(["## Machine", "", "| | |", "| --- | --- |", *rows]) + "\n"


def _section(section: Section) -> str:
    lines = [f"## {section.name}", "", section.about, "", f"Load average when it began: {section.load:.2f}.", ""]
    if section.failure:
        return "\n".join([*lines, "It did not run:", "", "```", section.failure.strip(), "```"]) + "\n"
    lines += [
        "| work | ours | peer | measure | goal | ratio | least – greatest | ours | peer | result | other measure |",
        "| --- | --- | --- | --- | --- | ---: | :---: | ---: | ---: | --- | ---: |",
    ]
    return "\n".join([*lines, *map(_row, section.comparisons)]) + "\n"


def _row(comparison: Comparison) -> str:
    by = comparison.by
    ratios = comparison.ratios(by)
    other = "cpu" if by == "wall" else "wall"
    cells = [
        comparison.work,
        comparison.ours,
        comparison.peer,
        MEASURES[by],
        goal(comparison),
        f"**{comparison.ratio():.2f}**",
        f"{min(ratios):.2f} – {max(ratios):.2f} (of {len(ratios)})",
        *(f"{statistics.median(getattr(cost, by) for cost in costs):.3g} s" for costs in _sides(comparison)),
        verdict(comparison),
        f"{statistics.median(comparison.ratios(other)):.2f} {MEASURES[other]}",
    ]
    return f"| {' | '.join(cells)} |"


def _sides(comparison: Comparison) -> tuple[Sequence[object], Sequence[object]]:
    return comparison.our_costs, comparison.peer_costs
