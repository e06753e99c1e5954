"""The kill matrix as a page: which test notices which planted bug, a block a problem."""

import re
from pathlib import Path

from grader.assignment import Assignment
from grader.mutants import KIND, Report, Tried, own

KILLED, ALIVE = "x", "."


def label(test: Tried) -> str:
    """A test as the page names it; one of the same name may be hidden and public."""
    return f"{test.problem}: {test.name}" + (" (hidden)" if test.hidden else "")


def as_code(text: str) -> str:
    """Markdown in which every character stands for itself: an address in a test's name is no link."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence} {text} {fence}" if "`" in text else f"{fence}{text}{fence}"


def write(assignment: Assignment, report: Report) -> Path:
    """Write benchmarks/mutants_<assignment>.md from a run of all tests, and return its path."""
    path = assignment.root / "benchmarks" / f"mutants_{assignment.name}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(_page(assignment, report), encoding="utf-8")
    return path


def _page(assignment: Assignment, report: Report) -> str:
    idle = report.idle_tests
    caught = len(report.bugs) - len(report.survivors)
    tests = sum(len(_tests(report, problem)) for problem in assignment.problems)
    lines = [
        f"# Planted bugs of {assignment.name}",
        "",
        f"Written by `grader mutants {assignment.name} --matrix`. {caught} of {len(report.bugs)} bugs are caught by the",
        f"tests of their own problem; {tests - len(idle)} of {tests} tests notice at least one bug.",
        "",
        "A row is a bug, a column a test of the bug's own problem: `x` where the test notices the bug. What else a",
        "bug costs stands behind it. A letter h marks hidden tests.",
    ]
    if idle:
        lines += ["", "## Tests that notice no bug", "", *(f"- {as_code(label(test))}" for test in idle)]
    for problem in assignment.problems:
        if any(own(bug) == problem for bug in report.bugs):
            lines += ["", f"## `{problem}`", "", *_block(report, problem)]
    return "\n".join(lines) + "\n"


def _tests(report: Report, problem: str) -> list[tuple[str, bool]]:
    found = {
        (test.name, test.hidden): None for r in report.results.values() for test in r.tests if test.problem == problem
    }
    return list(found)


def _block(report: Report, problem: str) -> list[str]:
    tests = _tests(report, problem)
    mine = [bug for bug in report.bugs if own(bug) == problem]
    names = {bug.name: bug.name.removeprefix(f"{KIND}_").removeprefix(f"{problem}_") for bug in mine}
    width = max(map(len, names.values()))
    lines = ["```text"]
    lines.append(" " * width + "  " + "".join("h" if hidden else " " for _, hidden in tests))
    for bug in mine:
        result = report.results[bug.name]
        noticed = {(test.name, test.hidden) for test in result.tests if test.problem == problem and test.killed}
        row = "".join(KILLED if test in noticed else ALIVE for test in tests)
        others = [other for other in result.lost if other != problem]
        lines.append(f"{names[bug.name]:<{width}}  {row}" + (f"  {' '.join(others)}" if others else ""))
    lines += ["```", ""]
    lines += [
        f"{number}. {as_code(name)}" + (" (hidden)" if hidden else "") for number, (name, hidden) in enumerate(tests, 1)
    ]
    return lines
