"""The command line: `grader --help` is the manual.

Exit codes: 0 fine; 1 a hand-in was refused or fell short of `--require`; 2 ours: a wrong option or file, a machine
that lacks something, or a GRADER_ERROR in a result.
"""

import os
import sys
from typing import NoReturn

import typer

from grader.cli import adopt, course, export, grade, leaderboard, mutants, regrade, release, serve, similarity, student
from grader.cli.console import ERRORS
from grader.errors import GraderError

app = typer.Typer(
    help="Grades assignments: every verdict is made where student code cannot reach.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for module in (grade, regrade, release, similarity, export, course, student, mutants, adopt, leaderboard, serve):
    module.register(app)


def main() -> None:
    """Run the command line; an error that its user can mend is one line, not a traceback."""
    try:
        app()
    except GraderError as error:
        _ended(str(error))
    except OSError as error:
        if error.filename is None:
            raise  # about no file or folder that the user could put right
        _ended(f"{os.fsdecode(error.filename)}: {error.strerror}")
    except KeyboardInterrupt:
        ERRORS.print("grader: stopped", style="red")
        sys.exit(130)


def _ended(message: str) -> NoReturn:
    ERRORS.print(f"grader: {message}", style="red", markup=False, highlight=False, soft_wrap=True)
    sys.exit(2)
