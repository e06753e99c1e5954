"""Reads the student-owned Python files of an assignment's folder, within bounds, and parses them.

A file that cannot be read is noted with the reason, never an exception: besides `SyntaxError`, parsing raises
`MemoryError` and `RecursionError` for deep nesting and `ValueError` for NUL characters.
"""

import ast
import os
import stat
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from grader.policy import bindings
from grader.policy.source import Module

MOST_BYTES = 1_000_000
"""Of one file. The longest file that anybody writes by hand is a tenth of it."""
MOST_BYTES_IN_ALL = 2_000_000
MOST_FILES = 500


def read_modules(
    tree: Path, staff_owned: Iterable[str], known_bad: Mapping[str, str], progress: Callable[[str], None]
) -> list[Module]:
    """The modules of `tree`, without the top-level entries named in `staff_owned`, in the order of their names.

    Files in `known_bad` are not opened; the reason given there stands for them. `progress` hears each file's name
    before it is opened.
    """
    found = []
    room = MOST_BYTES_IN_ALL
    for file in _python_files(tree, frozenset(staff_owned)):
        progress(file)
        module = _unread(file)
        found.append(module)
        if file in known_bad:
            module.trouble = known_bad[file]
        elif len(found) > MOST_FILES:
            module.trouble = f"the hand-in has more than {MOST_FILES} Python files"
        else:
            content = _content(tree / file, module)
            room -= len(content)
            if room < 0:
                module.trouble = f"the hand-in has more than {MOST_BYTES_IN_ALL // 1_000_000} MB of Python source"
            elif not module.trouble:
                _parse(content, module)
    return found


def _python_files(tree: Path, staff_owned: frozenset[str]) -> list[str]:
    found = []
    for place, folders, names in os.walk(tree):
        inside = Path(place).relative_to(tree)
        if not inside.parts:
            folders[:] = [name for name in folders if name not in staff_owned]
            names = [name for name in names if name not in staff_owned]
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        found += [(inside / name).as_posix() for name in names if name.endswith(".py")]
    return sorted(found)


def _unread(file: str) -> Module:
    parts = tuple(file.removesuffix(".py").split("/"))
    is_package = parts[-1] == "__init__"
    return Module(file, parts[:-1] if is_package else parts, is_package)


def _content(path: Path, module: Module) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        module.trouble = f"it could not be opened ({error.strerror})"
        return b""
    with open(descriptor, "rb") as source:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            module.trouble = "it is no plain file"
        elif status.st_size > MOST_BYTES:
            module.trouble = f"it has {status.st_size:,} bytes; the check reads files of up to {MOST_BYTES:,}"
        else:
            return source.read(MOST_BYTES)
    return b""


def _parse(content: bytes, module: Module) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content, module.file)
        bindings.read(tree, module)
    except SyntaxError as error:
        where = f"line {error.lineno}: " if error.lineno else ""
        # A codec that the hand-in itself registers is unknown here, not when its code is imported.
        module.importable = "encoding" in str(error.msg)
        _give_up(module, f"it is not valid Python ({where}{error.msg})")
    except ValueError as error:
        module.importable = False
        _give_up(module, f"it is not valid Python ({error})")
    except (MemoryError, RecursionError) as error:
        _give_up(module, f"it is nested too deeply ({type(error).__name__})")


def _give_up(module: Module, trouble: str) -> None:
    """Forget what was read of a file that cannot be read whole."""
    blank = Module(module.file, module.parts, module.is_package, trouble, module.importable)
    module.__dict__.update(blank.__dict__)
    module.scope.module = module
