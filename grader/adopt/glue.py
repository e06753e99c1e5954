"""Writes the `adapters.py` of an adopted hand-in: the public adapters by their names, and the classes behind them."""

from collections.abc import Iterable, Mapping

from grader.adopt.classes import Found
from grader.adopt.repository import REPOSITORY
from grader.adopt.terms import Downloads, Made

HEAD = '''\
"""The adapters of {name}, made by `grader adopt`. The code itself is in {folder}/.

The course remembers these files by their content: changed, they are an ordinary hand-in, of which every test counts.
"""

import errno
import os

import torch


def _leniently(mkdir):
    """Nothing can be written here: a folder that code makes for its results is left out, and only what uses it fails."""
    left_out = set()

    def make(path, *args, **kwargs):
        try:
            mkdir(path, *args, **kwargs)
        except OSError as error:
            if error.errno != errno.EROFS and os.path.dirname(os.path.abspath(path)) not in left_out:
                raise
            left_out.add(os.path.abspath(path))

    return make


os.mkdir = _leniently(os.mkdir)
'''

LACKING = '''

_LACKING = (
{names})


def __getattr__(name):
    """What this course asks for beside the public one; here, as drivers look adapters up without asking."""
    if name in _LACKING:
        raise NotImplementedError(f"the repository has no {{name}}")
    raise AttributeError(name)
'''

BUILT = '''

def _built(name, build, options):
    """What a test calls in place of the class `name`. What cannot be built with its arguments is lacking, not wrong."""

    def made(*sizes, **arguments):
        for option in ("device", "dtype"):
            if option in arguments and option not in options:
                raise NotImplementedError(f"{name}: the public course does not ask for the argument {option}")
        try:
            module = build(*sizes, **arguments)
        except Exception as error:
            raise NotImplementedError(f"{name} cannot be built as this test asks: {error}") from None
        if not isinstance(module, torch.nn.Module):
            raise NotImplementedError(f"{name} is no nn.Module")
        return module

    return made
'''


def adapters(
    name: str,
    module: str,
    offered: Iterable[str],
    lacking: Iterable[str],
    classes: Mapping[str, tuple[Made, Found]],
    aliases: Mapping[str, str],
    shared: Mapping[str, Mapping[str, str]],
    translations: Mapping[str, str],
    downloads: Downloads | None,
    before: Iterable[str],
) -> str:
    """The text of the file. Of our adapters, the public file `module` has those `offered`; nothing has those `lacking`.

    `aliases` are adapters by another that is offered, `shared` the repository's modules with names to be replaced,
    `translations` the functions that make our form of adapters in an older one, `downloads` what stands for files that
    students download, `before` functions that are called before the repository's code is imported.
    """
    text = HEAD.format(name=name, folder=REPOSITORY)
    text += "".join(_called(function) for function in before)
    text += _called(downloads.by, repr(dict(downloads.files))) if downloads else ""
    text += "".join(_shared(other, names) for other, names in shared.items())
    text += f"\nfrom {module} import (  # noqa: E402\n"
    text += "".join(f"    {adapter},\n" for adapter in sorted(offered)) + ")\n\n_IMPORTED = True\n"
    text += "".join(f"\n{adapter} = {other}\n" for adapter, other in aliases.items())
    text += "".join(_translated(adapter, by) for adapter, by in translations.items())
    text += LACKING.format(names="".join(f"    {adapter!r},\n" for adapter in lacking))
    text += BUILT if classes else ""
    return text + "".join(_function(adapter, made, found) for adapter, (made, found) in classes.items())


def _called(dotted: str, argument: str = "") -> str:
    module, _, function = dotted.rpartition(".")
    return f"\nfrom {module} import {function}  # noqa: E402\n\n{function}({argument})\n"


def _shared(module: str, names: Mapping[str, str]) -> str:
    """Let a module of the repository have this course's classes, before anything takes them from there."""
    lines = ["", "try:", f"    import {module} as _theirs"]
    for name, ours in names.items():
        source, _, cls = ours.rpartition(".")
        lines += [f"    from {source} import {cls} as _ours", "", f"    _theirs.{name} = _ours"]
    lines += ["except Exception:  # a library that cannot be imported here; what needs it says why", "    pass"]
    return "\n".join(lines) + "\n"


def _translated(adapter: str, by: str) -> str:
    """Let an adapter of an older edition take what this course's takes."""
    module, _, function = by.rpartition(".")
    return f"\nfrom {module} import {function} as _translated  # noqa: E402\n\n{adapter} = _translated({adapter})\n"


def _function(adapter: str, made: Made, found: Found) -> str:
    """An adapter that gives a builder. Its arguments are in the order of the TOML, those with a default last."""
    signature = [
        f"{name}={made.defaults[name]!r}" if name in made.defaults else f"{name}=None" if name in made.omitted else name
        for name in made.sizes
    ]
    lines = [f"def {adapter}():", f'    """{found.name}, built as {made.adapter} does it."""']
    lines += [f"    from {module} import {cls} as {alias}" for alias, (module, cls) in found.classes.items()]
    lines += ["", f"    def build({', '.join(signature)}, **options):"]
    for name, expression in found.build_without.items():
        needed = f"it has no default for {name}"
        lines += [f"        if {name} is None:"]
        lines += [f"            return {expression}" if expression else f"            raise TypeError({needed!r})"]
    lines += [f"        return {found.build}", "", f"    return _built({found.name!r}, build, {made.options!r})"]
    return "\n\n" + "\n".join(lines) + "\n"
