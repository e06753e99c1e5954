"""The pytest plugin: fixtures for the tests of assignments and, at home, a table by problem and what to do next.

Loaded by the one line of the root's `conftest.py`; a graded run loads it, too, and adds its own transport
(`grader.judge`).
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader import testing
from grader.assignment import Assignment, problem_of
from grader.errors import is_stub
from grader.testing.setting import BEYOND, SETTING, Settings

_RESULTS = pytest.StashKey[dict[Path, dict[str, list[str]]]]()


def pytest_configure(config: pytest.Config) -> None:
    """Take the transport of home unless a graded run has brought its own."""
    config.pluginmanager.register(testing, "grader.testing")
    config.stash.setdefault(SETTING, Settings())
    config.stash[_RESULTS] = {}
    config.addinivalue_line("markers", f"{BEYOND}: left out for a hand-in that `grader adopt` made")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run the problems in the order of the assignment, and stop a test that hangs."""
    order: dict[Path, dict[str, int]] = {}
    for item in items:
        assignment = _assignment(config, item)
        if assignment is None:
            continue
        if item.path.parent not in order:
            order[item.path.parent] = {problem: place for place, problem in enumerate(assignment.problems)}
        name = problem_of(item.path)
        if name in assignment.problems and config.pluginmanager.hasplugin("timeout"):
            item.add_marker(pytest.mark.timeout(4 * assignment.call_seconds(name)))
    items.sort(key=lambda item: order.get(item.path.parent, {}).get(problem_of(item.path), -1))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A stub that is not written yet is one line, not a traceback; note each test's state for the table."""
    assignment = _assignment(item.config, item)
    stub = assignment is not None and call.excinfo is not None and is_stub(call.excinfo.value)
    line = f"not implemented: {call.excinfo.value}" if stub and call.excinfo else ""
    if stub:
        # Ahead of the report: drawing up a traceback takes longer than the test.
        item.repr_failure = lambda excinfo, style=None: line  # type: ignore[method-assign]
    report: pytest.TestReport = yield  # type: ignore[assignment]
    if assignment is None:
        return report  # type: ignore[return-value]
    if stub:
        report.longrepr = line
    if report.when == "call" or report.failed:
        state = "todo" if stub else report.outcome
        states = item.config.stash[_RESULTS].setdefault(assignment.folder, defaultdict(list))
        states[problem_of(item.path)].append(state)
    return report  # type: ignore[return-value]


def pytest_report_teststatus(report: pytest.TestReport | pytest.CollectReport) -> tuple[str, str, str] | None:
    """An unwritten stub is shown as `.` would be for a pass: a small `-`."""
    if report.failed and isinstance(report.longrepr, str) and report.longrepr.startswith("not implemented"):
        return "todo", "-", "TODO"
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The table by problem, and the next problem to do."""
    for folder, states in config.stash[_RESULTS].items():
        home = config.stash[SETTING].home(folder / "tests" / "x.py")
        if home is None:
            continue
        assignment = home.assignment
        terminalreporter.section(f"{assignment.name}: {assignment.title}")
        earned, bonus, next_problem = 0.0, 0.0, None
        for problem in assignment.problems.values():
            outcomes = states.get(problem.id)
            if not outcomes:
                continue
            passed = outcomes.count("passed")
            done = passed == len(outcomes)
            earned += problem.points if done and not problem.bonus else 0.0
            bonus += problem.points if done and problem.bonus else 0.0
            if not done and next_problem is None:
                next_problem = problem
            state = (
                "done" if done else "to do" if set(outcomes) == {"todo"} else f"{passed} of {len(outcomes)} tests pass"
            )
            markup = {"green": True} if done else {"yellow": True} if set(outcomes) == {"todo"} else {"red": True}
            points = f"{problem.points if done else 0:g} / {problem.points:g}"
            state += " (optional)" if problem.bonus and not done else ""
            terminalreporter.write_line(f"  {problem.id:<32} {points:>9}   {state}", **markup)
        total = sum(p.points for p in assignment.problems.values() if p.id in states and not p.bonus)
        extra = f"   + {bonus:g} bonus" if bonus else ""
        terminalreporter.write_line(
            f"  {'total of the problems run':<32} {f'{earned:g} / {total:g}':>9}{extra}", bold=True
        )
        if next_problem is not None:
            place = _place_in_handout(assignment, next_problem.id)
            word = "optional" if next_problem.bonus else "next"
            terminalreporter.write_line(
                f"  {word}: {next_problem.id} ({next_problem.title}) in {assignment.name}/{next_problem.write}; handout: {place}"
            )


def _place_in_handout(assignment: Assignment, problem: str) -> str:
    """File and line of the problem's heading."""
    path = assignment.folder / "README.md"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    for number, line in enumerate(lines, 1):
        if line.startswith("#") and f"`{problem}`" in line:
            return f"{assignment.name}/README.md:{number}"
    return f"{assignment.name}/README.md"


def _assignment(config: pytest.Config, item: pytest.Item) -> Assignment | None:
    home = config.stash[SETTING].home(item.path)
    return home.assignment if home else None
