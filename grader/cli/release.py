"""The command that makes the tree for students."""

import json
from pathlib import Path
from typing import Annotated

import typer

from grader import assignment as assignments
from grader import release as releasing
from grader.cli.console import ERRORS, OUT, Json, load
from grader.errors import ConfigError


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("release")(release)


def release(
    names: Annotated[list[str], typer.Argument(metavar="ASSIGNMENT...", help="The assignments to give out.")],
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="A new or empty folder.", file_okay=False)],
    secrets: Annotated[
        Path | None,
        typer.Option(help="A file with a secret a line (seeds, tokens) that must not be in the tree.", dir_okay=False),
    ] = None,
    json_: Json = False,
) -> None:
    """Make the tree that students are given: no answers, no hidden tests, no history; searched for leaks.

    An assignment that needs another one brings that one's reference along, unless both are named.

    A leak is told by file and line, and the command ends with 2: do not publish the tree then.
    """
    chosen = [load(name) for name in dict.fromkeys(names)]
    root = chosen[0].root
    words = _words(secrets)
    files = releasing.release(root, chosen, to)
    every = [assignments.load(root, name) for name in assignments.names(root)]
    given = releasing.given(chosen)
    leaks = releasing.scan(to, every, words, given)
    if json_:
        print(json.dumps({"files": list(map(str, files)), "leaks": [vars(leak) for leak in leaks]}, indent=1))
    else:
        OUT.print(
            f"{to}: {len(files)} files for {', '.join(course.name for course in chosen)}", markup=False, highlight=False
        )
        for need in given:
            OUT.print(
                f"{need.name} goes along, solved: what is given out builds on it", style="yellow", highlight=False
            )
        for leak in leaks:
            place = f"{leak.file}:{leak.line}" if leak.line else leak.file
            ERRORS.print(f"leak: {place}: {leak.what}", style="red", markup=False, highlight=False, soft_wrap=True)
        OUT.print(f"{len(leaks)} leaks" if leaks else "no leak was found", style="red" if leaks else "green")
    if leaks:
        raise typer.Exit(2)


def _words(path: Path | None) -> list[str]:
    if path is None:
        return []
    try:
        words = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}; expected a text file with a secret a line") from None
    for number, word in enumerate(words, 1):
        if word and len(word) < releasing.leaks.SHORTEST_SECRET:
            raise ConfigError(
                f"{path}:{number}: a secret of {len(word)} characters would be found everywhere; expected 4 or more"
            )
    return list(filter(None, words))
