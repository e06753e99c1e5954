"""Which names a member may have, which members are left out, and which two names are one.

The rules are those of the strictest file system a course meets: what clashes on a Mac or on Windows is
refused on Linux, too, so that a hand-in is the same set of files everywhere.
"""

import re
import unicodedata
from pathlib import PurePosixPath

from grader.intake.caps import Caps
from grader.intake.refusal import refuse

LEFT_OUT = frozenset(
    (
        *(".git", ".hg", ".svn", ".jj"),
        *("__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".ipynb_checkpoints"),
        *(".venv", "venv", ".tox", ".nox", "node_modules", ".triton"),
        *(".idea", ".vscode", ".ds_store", "__macosx", "thumbs.db", "desktop.ini"),
    )
)
# Compiled code wins over source of the same name, and no policy can read it.
LEFT_OUT_SUFFIXES = (".pyc", ".pyo", ".so", ".pyd", ".dylib", ".dll", ".egg-info")
LEFT_OUT_PREFIXES = ("._",)  # what a Mac's tar adds beside each file

INVISIBLE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
DRIVE = re.compile(r"[A-Za-z]:")


def is_left_out(name: str) -> bool:
    """Whether one component of a path stands for something that is no part of a hand-in."""
    folded = name.casefold()
    return folded in LEFT_OUT or folded.endswith(LEFT_OUT_SUFFIXES) or folded.startswith(LEFT_OUT_PREFIXES)


def left_out(path: PurePosixPath, folder: bool) -> str | None:
    """The part of `path` that is left out, a folder with its `/`; None where the path is kept."""
    for depth, part in enumerate(path.parts, start=1):
        if is_left_out(part):
            return "/".join(path.parts[:depth]) + ("/" if depth < len(path.parts) or folder else "")
    return None


def parse(handin: str, name: str) -> PurePosixPath:
    """The member's `name` as a relative path that stays inside; it is refused where it might not.

    Raises:
        IntakeError: the name is empty, absolute, climbs, or is read differently by different systems.
    """
    inside = "a relative path inside the hand-in"
    if "\0" in name:
        raise refuse(handin, "has a NUL character in its name", inside, name)
    if "\\" in name:
        raise refuse(handin, "has a backslash in its name", "'/' between folders", name)
    if name.startswith("/"):
        raise refuse(handin, "is an absolute path", inside, name)
    if DRIVE.match(name):
        raise refuse(handin, "names a drive", inside, name)
    parts = name.removesuffix("/").split("/")
    if parts[0] == "." and len(parts) > 1:
        parts = parts[1:]  # `tar czf x.tar.gz .` writes ./a/b
    if ".." in parts:
        raise refuse(handin, "climbs out with '..'", inside, name)
    if any(part in ("", ".") for part in parts):
        raise refuse(handin, "has an empty part in its path", inside, name)
    return PurePosixPath(*parts)


def check(handin: str, path: PurePosixPath, caps: Caps) -> None:
    """Refuse a kept path that another file system, or a reader's eye, would take for another.

    Raises:
        IntakeError: invisible characters, a trailing dot or space, too long, too deep.
    """
    name = str(path)
    if len(path.parts) > caps.depth:
        raise refuse(handin, f"lies {len(path.parts)} folders deep", f"at most {caps.depth}", name)
    for part in path.parts:
        if any(unicodedata.category(c) in INVISIBLE for c in part):
            raise refuse(handin, "has an invisible or control character in its name", "printable names", name)
        if part != part.strip() or part.endswith("."):
            raise refuse(handin, "has a name with a dot or space at its end", "a plain name", name)
        if ":" in part:
            raise refuse(handin, "has a colon in its name", "a plain name", name)
    if len(name.encode()) > caps.path_bytes:
        raise refuse(handin, f"has a path of {len(name.encode())} bytes", f"at most {caps.path_bytes}", name)


class Taken:
    """The paths a hand-in has used so far, as a file system without case or normal forms sees them."""

    def __init__(self, handin: str) -> None:
        self._handin = handin
        self._taken: dict[str, tuple[str, bool]] = {}
        self._files: set[str] = set()

    def folder(self, path: PurePosixPath) -> None:
        """Use `path` and its parents as folders; the same spelling may come again."""
        for ancestor in (*reversed(path.parents[:-1]), path):
            self._use(ancestor, folder=True)

    def file(self, path: PurePosixPath) -> None:
        """Use `path` as a file, once."""
        if len(path.parts) > 1:
            self.folder(path.parent)
        self._use(path, folder=False)

    def _use(self, path: PurePosixPath, folder: bool) -> None:
        name = str(path)
        other, other_is_folder = self._taken.setdefault(_folded(name), (name, folder))
        if other != name:
            fact = f"clashes with '{other}' where case or accents do not count"
            raise refuse(self._handin, fact, "names that differ everywhere", name)
        if folder != other_is_folder:
            raise refuse(self._handin, "is a file and a folder at once", "one of the two", name)
        if not folder and name in self._files:
            raise refuse(self._handin, "is there twice", "each file once", name)
        if not folder:
            self._files.add(name)


def _folded(name: str) -> str:
    """Unicode's canonical caseless form."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())
