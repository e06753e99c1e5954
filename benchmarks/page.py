"""The page: `README.md`, with how to read it, and every ratio beside its goal, the machine and the day."""

import statistics
from collections.abc import Sequence

from benchmarks import NAMES
from benchmarks.comparison import Comparison
from benchmarks.section import Section

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
- `python -m benchmarks NAME...` runs some anew, and the others' sections stay as they are: each says when it was measured, and
  where. `--quick` takes small sizes, whose ratios mean little, and prints the page instead, unless `--out DIR` is given.
"""

MEASURES = {"wall": "wall", "cpu": "processor"}


def page(sections: Sequence[Section]) -> str:
    """The whole page as Markdown."""
    return "\n".join([INTRODUCTION, _summary(sections), *map(_section, sections)])


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
    there = {section.name for section in sections}
    lines += [f"- not measured yet: {name}" for name in NAMES if name not in there]
    return "\n".join(lines).rstrip() + "\n"


def _section(section: Section) -> str:
    facts = [f"| {name} | {value} |" for name, value in section.facts.items()]
    lines = [
        *(f"## {section.name}", "", section.about, ""),
        *("| measured | |", "| --- | --- |", *facts, ""),
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
