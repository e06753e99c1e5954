"""The command for those who take in work done elsewhere: adopt."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from grader import adopt as adopting
from grader.adopt import Adopted
from grader.assignment import Assignment
from grader.cli.console import ERRORS, OUT, AssignmentName, Json, load
from grader.errors import HandinError


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("adopt")(run)


def run(
    assignment: AssignmentName,
    repository: Annotated[
        Path, typer.Argument(metavar="REPO", help="A folder, clone, .zip or .tar.gz with tests/adapters.py in it.")
    ],
    out: Annotated[Path, typer.Option(help="The folder to make: a hand-in for `grader grade`.", file_okay=False)],
    json_: Json = False,
) -> None:
    """Make a hand-in of a repository in the public CS336 course's shape, and say what it lacks. Runs none of its code.

    The course remembers the hand-in by its hash, in .grader/: tests beyond the public course are left out of its grade.

    A change to the hand-in undoes that, and nothing in a hand-in can ask for it. Exit with 1 if REPO is refused.
    """
    course = load(assignment)
    try:
        made = adopting.adopt(course, repository, out)
    except HandinError as error:
        ERRORS.print(f"refused: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    if json_:
        print(json.dumps(_as_json(made), indent=1))
    else:
        _show(course, made)


def _as_json(made: Adopted) -> dict[str, object]:
    return {
        "assignment": made.adoption.assignment,
        "folder": str(made.folder),
        "submission_sha256": made.adoption.submission_sha256,
        "adapters": list(made.offered),
        "derived": made.derived,
        "lacks": {problem: list(names) for problem, names in made.lacks.items()},
        "notes": list(made.notes),
    }


def _show(course: Assignment, made: Adopted) -> None:
    def say(text: str) -> None:
        OUT.print(text, markup=False, highlight=False, soft_wrap=True)

    for note in made.notes:
        ERRORS.print(f"note: {note}", style="yellow", markup=False, highlight=False, soft_wrap=True)
    for adapter, cls in made.derived.items():
        say(f"{adapter:<28} is answered by the repository's class {cls}")
    beyond = frozenset(made.adoption.beyond)
    absent = [problem for problem, names in made.lacks.items() if set(names) >= set(course.problems[problem].adapters)]
    for problem, names in made.lacks.items():
        waived = [name for name in names if name in beyond]
        if problem not in absent:
            missing = [name for name in names if name not in beyond]
            why = f"lacks {', '.join(missing)}" if missing else f"lacks {', '.join(waived)}: tests of it are left out"
            say(f"{problem:<28} {why}")
    if absent:
        say(f"nothing to grade for: {', '.join(absent)}")
    say(f"{os.path.relpath(made.folder)} is ready: grader grade {course.name} {os.path.relpath(made.folder)}")
