"""docs/cli.md: every command with its arguments and options, from the help that `grader --help` shows itself.

`python -m staff.site.commands` writes it again.
"""

import inspect
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import typer
from typer.models import ArgumentInfo, OptionInfo

from grader.cli import app
from staff.site.contents import ROOT

FILE = ROOT / "docs" / "cli.md"
BEGINNING = """# The command line

Every command of `grader`, from its own help (`grader COMMAND --help`). This page is made by
`python -m staff.site.commands`; a test keeps it current.

Exit codes: 0 fine; 1 a hand-in was refused or fell short of what was asked for; 2 ours: a wrong option or file, a
machine that lacks something, an error of the grader.
"""


WORDS = {int: "INTEGER", float: "FLOAT", Path: "PATH"}
"""What stands for a value that has no name of its own, by its type."""


def reference() -> str:
    """The page."""
    return BEGINNING + "".join(_group(app, "grader"))


def _group(group: typer.Typer, name: str) -> Iterator[str]:
    """The commands of a group by name, then the groups in it."""
    named = {info.name or info.callback.__name__.replace("_", "-"): info for info in group.registered_commands}
    for word, info in sorted(named.items()):
        if not info.hidden:
            yield from _command(info.callback, f"{name} {word}", info.help)
    for inner in sorted(group.registered_groups, key=lambda info: info.name):
        told = inner.help if isinstance(inner.help, str) else inner.typer_instance.info.help
        yield f"\n## `{name} {inner.name}`\n\n{_paragraphs(told)}\n"
        yield from _group(inner.typer_instance, f"{name} {inner.name}")


def _command(callback: Any, name: str, told: str | None) -> Iterator[str]:
    parameters = [p for p in inspect.signature(callback, eval_str=True).parameters.values() if _info(p) is not None]
    arguments = [p for p in parameters if isinstance(_info(p), ArgumentInfo)]
    options = [p for p in parameters if isinstance(_info(p), OptionInfo) and not _info(p).hidden]
    usage = [name, *(["[OPTIONS]"] if options else []), *map(_form, arguments)]
    yield f"\n## `{name}`\n\n```\n{' '.join(usage)}\n```\n\n{_paragraphs(told or inspect.getdoc(callback))}\n"
    described = [(_form(argument), _one_line(_info(argument).help)) for argument in arguments if _info(argument).help]
    described += [(_spelling(option), _described(option)) for option in options]
    if described:
        yield "\n| | |\n|---|---|\n"
        yield from (f"| `{left}` | {right} |\n" for left, right in described)


def _info(parameter: inspect.Parameter) -> Any:
    """What typer was told of a parameter; None for its own context."""
    if get_origin(parameter.annotation) is not Annotated:
        return None
    return next((part for part in get_args(parameter.annotation) if isinstance(part, ArgumentInfo | OptionInfo)), None)


def _type(parameter: inspect.Parameter) -> Any:
    """The type of one value: `list[Path] | None` is of paths."""
    kind = get_args(parameter.annotation)[0]
    while get_args(kind):
        kind = next(part for part in get_args(kind) if part is not type(None))
    return kind


def _form(argument: inspect.Parameter) -> str:
    word = _info(argument).metavar or argument.name.upper()
    if word.startswith("[") or word.endswith("..."):
        return word
    many = "..." if get_origin(get_args(argument.annotation)[0]) is list else ""
    return word + many if argument.default is inspect.Parameter.empty else f"[{word}]{many}"


def _spelling(option: inspect.Parameter) -> str:
    info = _info(option)
    # In an annotation typer's first argument, its `default`, is the first of the spellings.
    spelled = [word for word in (info.default, *(info.param_decls or ())) if isinstance(word, str)]
    kind = _type(option)
    if not spelled:
        word = option.name.strip("_").replace("_", "-")
        spelled = [f"--{word}", f"--no-{word}"] if kind is bool else [f"--{word}"]
    spelled = "`, `".join(spelled)
    if kind is bool:
        return spelled
    if isinstance(kind, type) and issubclass(kind, Enum):
        choices = "\\|".join(str(choice.value) for choice in kind)
        return f"{spelled} {choices}"
    return f"{spelled} {info.metavar or WORDS.get(kind, 'TEXT')}"


def _described(option: inspect.Parameter) -> str:
    text, variable = _one_line(_info(option).help), _info(option).envvar
    if variable:
        text += f" Also from the environment: `{variable}`."
    default = option.default
    if default is inspect.Parameter.empty:
        return f"{text} Required."
    if _type(option) is bool or default in (None, ()) or "Default: " in text:
        return text
    return f"{text} Default: `{default.value if isinstance(default, Enum) else default}`."


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|").replace("<", "\\<")


def _paragraphs(text: str | None) -> str:
    return "\n\n".join(_one_line(part) for part in re.split(r"\n\s*\n", text or ""))


def main() -> Path:
    """Write the page and say where."""
    FILE.write_text(reference(), encoding="utf-8", newline="\n")
    return FILE


if __name__ == "__main__":
    print(main())
