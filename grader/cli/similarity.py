"""The command that looks for hand-ins that are alike."""

import importlib.util
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from grader import scratch
from grader.cli import progress
from grader.cli.console import ERRORS, OUT, AssignmentName, Json, load
from grader.cli.grade import expand
from grader.errors import ConfigError
from grader.report.text import line

if TYPE_CHECKING:
    from grader.similarity import Study

SHOWN = 40


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("similarity")(similarity)


def similarity(
    assignment: AssignmentName,
    handins: Annotated[
        list[Path],
        typer.Argument(metavar="HANDIN...", help="As for `grade`; a folder of hand-ins stands for all in it."),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the report goes.", file_okay=False)],
    corpus: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Earlier hand-ins, to compare these with; not compared among themselves.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    least: Annotated[float, typer.Option(metavar="PERCENT", help="Report pairs from here on.", min=1, max=100)] = 40,
    json_: Json = False,
) -> None:
    """Find hand-ins that are alike: similarity.html with the passages side by side, similarity.json, a table.

    Released code does not count; renaming, reordering and new comments do not hide a copy. Exit with 1 if a hand-in
    could not be compared; the report names it. Nothing of a hand-in is run.
    """
    course = load(assignment)
    if importlib.util.find_spec("copydetect") is None:
        raise ConfigError("grader similarity needs the package copydetect: pip install '.[similarity]'")
    from grader.similarity import study  # copydetect, which these load, is an extra
    from grader.similarity.writing import write

    batch = expand(handins, course.name)
    earlier = [] if corpus is None else expand([corpus], course.name)
    if len(batch) + len(earlier) < 2:
        raise ConfigError(f"{len(batch)} hand-in to compare; expected two or more, or a --corpus")
    scratch.sweep()
    with scratch.folder() as inside:
        with progress.shown("reading", len(batch) + len(earlier), silent=json_) as seen:
            found = study(
                course, batch, earlier, inside, least=least / 100, jobs=min(4, os.cpu_count() or 1), progress=seen.one
            )
        page, data = write(course, found, out)
    if json_:
        print(json.dumps(data, indent=1))
    else:
        _show(found, page)
    if any(note.left_out and not note.earlier for note in found.notes):
        raise typer.Exit(1)


def _show(found: "Study", page: Path) -> None:
    for note in found.notes:
        ERRORS.print(
            f"{line(note.name, 60)}: {line(note.text, 400)}",
            style="red" if note.left_out else "", markup=False, highlight=False, soft_wrap=True,
        )  # fmt: skip
    table = Table(box=box.SIMPLE_HEAD)
    for title in ("hand-in", "share", "hand-in", "share", "tokens"):
        table.add_column(title, justify="left" if title == "hand-in" else "right", no_wrap=title != "hand-in")
    for pair in found.pairs[:SHOWN]:
        row = []
        for number, share in ((pair.a, pair.share_a), (pair.b, pair.share_b)):
            one = found.handins[number]
            row += [Text(line(one.name, 40) + (" (earlier)" if one.earlier else "")), Text(f"{100 * share:.0f} %")]
        table.add_row(*row, str(pair.tokens))
    if found.pairs:
        OUT.print(table)
    more = f", {len(found.pairs) - SHOWN} of them only in the report" if len(found.pairs) > SHOWN else ""
    against = f" and {found.corpus} earlier ones" if found.corpus else ""
    count = f"{len(found.pairs)} pair{'s' * (len(found.pairs) != 1)}"
    OUT.print(
        f"{found.batch} hand-ins{against}: {count} alike by {100 * found.least:g} % or more{more}",
        markup=False, highlight=False, soft_wrap=True,
    )  # fmt: skip
    OUT.print(f"report: {os.path.relpath(page)}", markup=False, highlight=False, soft_wrap=True)
