"""Where the commands write: results to standard output, everything else to standard error."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from grader import assignment as assignments
from grader.assignment import Assignment
from grader.gradebook import Gradebook

OUT = Console()
ERRORS = Console(stderr=True)

AssignmentName = Annotated[
    str, typer.Argument(metavar="ASSIGNMENT", help="The assignment's folder, e.g. assignment1_basics.")
]
Json = Annotated[
    bool,
    typer.Option("--json", help="Print machine-readable JSON to standard output, and nothing else there."),
]

GradebookUrl = Annotated[
    str | None,
    typer.Option(
        "--gradebook",
        metavar="URL",
        help="Where grades are kept: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE. Default: gradebook.sqlite in DIR.",
    ),
]


def open_gradebook(url: str | None, folder: Path) -> Gradebook:
    """The gradebook at `url`, or the one in `folder`.

    Raises:
        ConfigError: the address is wrong, or the database cannot be used.
    """
    return Gradebook(url) if url else Gradebook.in_folder(folder)


def load(name: str) -> Assignment:
    """The assignment `name` of the course at or above the working directory.

    Raises:
        ConfigError: there is none.
    """
    path = Path(name)
    root = assignments.find_root(path.resolve().parent if path.is_dir() else Path.cwd())
    return assignments.load(root, path.name)
