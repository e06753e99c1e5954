"""Where the commands write: results to standard output, everything else to standard error."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from grader import assignment as assignments
from grader.assignment import Assignment

OUT = Console()
ERRORS = Console(stderr=True)

AssignmentName = Annotated[
    str, typer.Argument(metavar="ASSIGNMENT", help="The assignment's folder, e.g. assignment1_basics.")
]
Json = Annotated[
    bool,
    typer.Option("--json", help="Print machine-readable JSON to standard output, and nothing else there."),
]


def load(name: str) -> Assignment:
    """The assignment `name` of the course at or above the working directory.

    Raises:
        ConfigError: there is none.
    """
    path = Path(name)
    root = assignments.find_root(path.resolve().parent if path.is_dir() else Path.cwd())
    return assignments.load(root, path.name)
