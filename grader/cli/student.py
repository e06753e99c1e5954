"""The commands for students."""

from pathlib import Path
from typing import Annotated

import typer

from grader import pack as packing
from grader.cli.console import ERRORS, OUT, AssignmentName, load


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("pack")(pack)


def pack(
    assignment: AssignmentName,
    out: Annotated[
        Path | None, typer.Option(help="The zip to write. Default: <assignment>.zip here.", dir_okay=False)
    ] = None,
) -> None:
    """Make the zip to hand in, and say what is in it."""
    course = load(assignment)
    packed = packing.pack(course, course.folder, out or Path(f"{course.name}.zip"))
    for file in packed.files:
        OUT.print(f"{file.size:>9,}  {file.name}", markup=False, highlight=False)
    for warning in packed.warnings:
        ERRORS.print(f"note: {warning}", style="yellow", markup=False, highlight=False, soft_wrap=True)
    OUT.print(
        f"{packed.path} is ready to hand in: {len(packed.files)} files, sha256 {packed.submission_sha256[:16]}…",
        highlight=False,
    )
