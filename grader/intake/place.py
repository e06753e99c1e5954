"""Finds the assignment's folder in what was unpacked."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from grader.intake.refusal import refuse

TOP = PurePosixPath()
ENTRY = "adapters.py"


def find(files: Sequence[PurePosixPath], assignment: str, handin: str) -> PurePosixPath:
    """The folder that holds `adapters.py`: `<assignment>/` or the top, below at most one wrapping folder.

    Raises:
        IntakeError: there is none; the message says where it was looked for, and where an `adapters.py` lies.
    """
    present = set(files)
    looked: list[PurePosixPath] = []
    for base in (TOP, *_wrapper(files)):
        for folder in (base / assignment, base):
            if folder / ENTRY in present:
                return folder
            looked.append(folder / ENTRY)
    where = ", ".join(str(path) for path in looked)
    elsewhere = [str(path) for path in files if path.name.casefold() == ENTRY]
    hint = f" (there is {elsewhere[0]})" if elsewhere else ""
    what = "holds no files" if not files else f"holds no {ENTRY}{hint}"
    raise refuse(handin, what, f"it at one of: {where}")


def _wrapper(files: Sequence[PurePosixPath]) -> list[PurePosixPath]:
    """The one folder at the top, as archives made from a folder have it; nothing where there are several."""
    folders = {path.parts[0] for path in files if len(path.parts) > 1}
    return [PurePosixPath(folders.pop())] if len(folders) == 1 else []
