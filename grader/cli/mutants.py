"""The command for those who write tests: mutants."""

import json
import os
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from grader import kill_matrix, mutants, sandbox
from grader.assignment import Assignment, nearest
from grader.cli.console import ERRORS, OUT, AssignmentName, Json, load
from grader.errors import ConfigError
from grader.mutants import Depth, Report, Result


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("mutants")(run)


def run(
    assignment: AssignmentName,
    matrix: Annotated[
        bool,
        typer.Option(
            "--matrix", help="Run all tests of a bug's own problems, and write the kill matrix to benchmarks/."
        ),
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="The same with all tests of all problems, which takes hours.")
    ] = False,
    problem: Annotated[
        list[str] | None, typer.Option(help="Run the bugs of this problem only; may be repeated.")
    ] = None,
    remember: Annotated[
        bool,
        typer.Option("--remember", help="Keep which test noticed each bug, to try it first the next time."),
    ] = False,
    engine: Annotated[
        str | None, typer.Option(help="The sandbox to run them in. Default: the best one that works here.")
    ] = None,
    jobs: Annotated[int, typer.Option(help="Bugs run at a time. Default: one a core.", min=1)] = os.cpu_count() or 1,
    json_: Json = False,
) -> None:
    """Run every planted bug against the tests. Exit with 1 if one survives or costs what it should not, 2 if we fail."""
    course = load(assignment)
    for name in problem or ():
        if name not in course.problems:
            raise ConfigError(f"--problem {name}: {course.name} has no such problem{nearest(name, course.problems)}")
    chosen = mutants.bugs(course, problem or ())
    depth = Depth.FULL if full else Depth.MATRIX if matrix else Depth.FIRST
    results: dict[str, Result] = {}
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=ERRORS, transient=True, disable=json_ or not ERRORS.is_terminal,
    ) as progress:  # fmt: skip
        bar = progress.add_task(f"running the bugs of {course.name}", total=len(chosen))
        for result in mutants.run(course, chosen, jobs=jobs, engine=sandbox.choose(engine).name, depth=depth):
            results[result.name] = result
            progress.update(bar, advance=1, description=result.name)
    report = Report(tuple(chosen), results)
    _show(course, report, depth is not Depth.FIRST, json_)
    if remember:
        mutants.remember(course, report)
    if depth is not Depth.FIRST and not problem and not report.ours:
        path = kill_matrix.write(course, report)
        ERRORS.print(f"kill matrix: {path}", markup=False, highlight=False, soft_wrap=True)
    if report.ours:
        raise typer.Exit(2)
    if report.survivors or report.disagreements:
        raise typer.Exit(1)


def _show(course: Assignment, report: Report, matrix: bool, json_: bool) -> None:
    idle = [kill_matrix.label(test) for test in report.idle_tests] if matrix else []
    if json_:
        print(
            json.dumps(
                {
                    "assignment": course.name,
                    "bugs": len(report.bugs),
                    "survivors": report.survivors,
                    "disagreements": report.disagreements,
                    "grader_errors": report.ours,
                    "tests_that_kill_nothing": idle,
                    "seconds": {name: result.seconds for name, result in report.results.items()},
                },
                indent=1,
            )
        )
        return
    for line in report.ours:
        ERRORS.print(f"GRADER_ERROR: {line}", style="red", markup=False, highlight=False, soft_wrap=True)
    for name in report.survivors:
        OUT.print(f"survives: {name}", style="red", markup=False, highlight=False, soft_wrap=True)
    for line in report.disagreements:
        OUT.print(line, style="yellow", markup=False, highlight=False, soft_wrap=True)
    for line in idle:
        OUT.print(f"kills nothing: {line}", markup=False, highlight=False, soft_wrap=True)
    caught = len(report.bugs) - len(report.survivors)
    OUT.print(f"{caught} of {len(report.bugs)} planted bugs of {course.name} are caught", highlight=False)
