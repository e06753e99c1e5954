"""The command that grades again what a change of tests or points touches."""

import json
import os
from contextlib import closing
from typing import Annotated

import typer
from rich.table import Table

from grader import scoring, scratch
from grader.batch import Batch
from grader.cli import progress
from grader.cli.console import ERRORS, OUT, AssignmentName, GradebookUrl, Json, load, open_gradebook
from grader.cli.grade import Out
from grader.errors import ConfigError
from grader.regrading import Change, regrade
from grader.report import read_outcomes, slim, write_class, write_handin


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("regrade")(regrade_command)


def regrade_command(
    assignment: AssignmentName,
    directory: Out,
    apply: Annotated[bool, typer.Option("--apply", help="Make the new grades the ones that stand.")] = False,
    jobs: Annotated[int, typer.Option(help="Hand-ins graded at a time.", min=1)] = os.cpu_count() or 1,
    gradebook: GradebookUrl = None,
    json_: Json = False,
) -> None:
    """Grade again what a change of tests or points touches, and show old and new side by side.

    Problems whose tests are as they were are not run again. Nothing counts before --apply; an error of the grader
    never takes the place of a score.
    """
    course = load(assignment)
    if not directory.is_dir():
        raise ConfigError(f"{directory}: is not there; expected a folder that `grader grade --out` wrote")
    scratch.sweep()
    changes: list[Change] = []
    with closing(open_gradebook(gradebook, directory)) as book:
        total = sum(1 for _ in book.entries(course.name))
        with progress.shown(f"regrading {course.name}", total, silent=json_) as seen:
            for change in regrade(course, book, Batch(course, book, jobs)):
                changes.append(change)
                seen.one(
                    change.entry.name, "lost" if change.new is None else "differs" if change.differs else "the same"
                )
                if apply and change.new is not None:
                    book.apply(change.new)
                    write_handin(change.new, directory)
        if apply and changes:
            scores = [slim(scoring.score(outcome, course)) for outcome in read_outcomes(directory)]
            write_class(course, scores, directory)
    changes.sort(key=lambda change: change.entry.name)
    _show(changes, apply, json_)
    if any(change.new is None for change in changes):
        raise typer.Exit(2)


def _show(changes: list[Change], applied: bool, json_: bool) -> None:
    if json_:
        print(json.dumps({"applied": applied, "handins": list(map(_row, changes))}, indent=1))
        return
    table = Table("hand-in", "old", "new", "of", "run again")
    differing = [change for change in changes if change.differs or change.new is None]
    for change in differing:
        new = f"{change.new.score:g}" if change.new else change.lost
        of = change.new.max_score if change.new else change.entry.max_score
        table.add_row(
            change.entry.name, f"{change.entry.score:g}", new, f"{of:g}", ", ".join(change.problems) or "nothing"
        )
    if differing:
        OUT.print(table)
    hint = "" if applied or not differing else "; --apply makes the new ones count"
    OUT.print(f"{len(differing)} differ, {len(changes) - len(differing)} are the same{hint}", highlight=False)
    for change in changes:
        if change.lost:
            ERRORS.print(f"{change.entry.name}: {change.lost}", style="red", markup=False, soft_wrap=True)


def _row(change: Change) -> dict[str, object]:
    return {
        "submission": change.entry.name,
        "old": change.entry.score,
        "new": change.new.score if change.new else None,
        "max_score": change.new.max_score if change.new else change.entry.max_score,
        "problems_run_again": list(change.problems),
        "error": change.lost,
    }
