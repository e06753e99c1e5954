"""Opens a hand-in for comparison: which of its files count, and their texts. Caps keep a flood from costing the class."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import overlay
from grader.assignment import Assignment
from grader.intake import open_handin

FILE_BYTES = 512 * 1024
TOTAL_BYTES = 2 * 1024 * 1024
"""Ten times what anyone writes for an assignment."""
FILES = 400


@dataclass(frozen=True)
class Opened:
    """The Python files of a hand-in that count, by name, and what to tell about the others."""

    name: str
    files: tuple[tuple[str, Path], ...]
    notes: tuple[str, ...]
    earlier: bool = False
    """From the corpus: compared with the batch, not with others of its kind."""

    def texts(self) -> list[tuple[str, str]]:
        """Names and texts; bytes that are no UTF-8 are replaced, as nothing here depends on them."""
        return [(name, text(path)) for name, path in self.files]


def text(path: Path) -> str:
    """What the file at `path` says."""
    return path.read_bytes().decode("utf-8", errors="replace")


def opened(source: Path, name: str, assignment: Assignment, destination: Path, *, earlier: bool = False) -> Opened:
    """Open the hand-in `source` into `destination`, and choose its files.

    Raises:
        IntakeError: it is refused.
    """
    folder = open_handin(source, assignment.name, destination).folder
    students = overlay.student_files(folder, assignment.staff_owned)
    owned = [(str(path), file) for path, file in students.items() if path.suffix == ".py"]
    files, left_out = within_caps(owned)
    notes = []
    if left_out:
        limits = f"{FILE_BYTES >> 10} KB a file, {TOTAL_BYTES >> 20} MB and {FILES} files in all"
        more = f" and {len(left_out) - 5} more" if len(left_out) > 5 else ""
        notes.append(f"not compared, more than {limits}: {', '.join(left_out[:5])}{more}")
    return Opened(name, tuple(files), tuple(notes), earlier)


def within_caps(files: Sequence[tuple[str, Path]]) -> tuple[list[tuple[str, Path]], list[str]]:
    """The files that are compared, small ones first to be kept, and the names of those that are not."""
    kept: set[str] = set()
    total = 0
    for size, name in sorted((path.stat().st_size, name) for name, path in files):
        total += size
        if size <= FILE_BYTES and total <= TOTAL_BYTES and len(kept) < FILES:
            kept.add(name)
    return [(name, path) for name, path in files if name in kept], [name for name, _ in files if name not in kept]
