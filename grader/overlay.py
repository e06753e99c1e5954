"""Lays a hand-in over the course: what the sandbox sees, and the hashes of what decides a grade.

A tree is made anew from three layers, by name, before anything is written: the staff's assignment folder (its
stubs fill in for files a hand-in lacks), the student-owned files of the hand-in, and the references of the
assignments that this one needs. Staff-owned files always come from staff. Of the tests, only `tests/fixtures`
is in the tree: no test, no snapshot, no hidden test is there to be read.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from grader import assignment as assignments
from grader.assignment import Assignment
from grader.errors import ConfigError, HandinError
from grader.intake import is_left_out
from grader.version import version

Layer = Mapping[PurePosixPath, Path]
"""Files by their path in the tree."""

FIXTURES = PurePosixPath("tests", "fixtures")
HANDOUT, TOML, TESTS = PurePosixPath("README.md"), PurePosixPath("assignment.toml"), PurePosixPath("tests")
UNGRADED = (HANDOUT, PurePosixPath("leaderboard.toml"))
"""Staff files that decide no grade."""


@dataclass(frozen=True)
class Overlay:
    """A tree made for one hand-in. `root` is the import root, `package` the assignment's folder in it."""

    root: Path
    package: Path
    student_files: tuple[str, ...]
    """What was taken from the hand-in, relative to `package`."""
    ignored: tuple[str, ...]
    """Staff-owned files that the hand-in changed or added; they are not in the tree."""


def build(assignment: Assignment, handin: Path | None, destination: Path) -> Overlay:
    """Make the tree for `handin`, an opened hand-in's folder; None stands for the untouched stubs.

    Raises:
        HandinError: the hand-in holds a link or a special file (an opened one never does).
        FileExistsError: `destination` is there already.
    """
    brought = {} if handin is None else files(handin)
    students = {path: source for path, source in brought.items() if not is_staff_owned(path, assignment.staff_owned)}
    staffs = files(assignment.folder)
    changed = [p for p in brought.keys() - students.keys() if not _same(brought[p], staffs.get(p))]
    tree = _below(assignment.name, _lay(_worker_view(assignment), students))
    for need in needed(assignment):
        tree |= _below(need.name, reference(need))
    destination.mkdir(parents=True)
    for path, source in tree.items():
        target = destination / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(0o644)
    for folder in {parent for path in tree for parent in path.parents}:
        (destination / folder).chmod(0o755)  # the sandbox may run as someone else
    return Overlay(
        root=destination,
        package=destination / assignment.name,
        student_files=tuple(sorted(map(str, students))),
        ignored=tuple(sorted(map(str, changed))),
    )


def is_staff_owned(path: PurePosixPath, staff_owned: Sequence[str]) -> bool:
    """Whether the file at `path`, relative to an assignment's folder, is staff's, or would pass for it.

    What `import` would find in place of a staff-owned module passes for it: `drivers/`, `drivers.so`, `__init__.abi3.so`.
    """
    top = path.parts[0].casefold()
    modules = (name.partition(".")[0] for name in staff_owned if not name.endswith((".md", ".toml")))
    return top in (name.casefold() for name in staff_owned) or top.partition(".")[0] in modules


def student_files(folder: Path, staff_owned: Sequence[str]) -> dict[PurePosixPath, Path]:
    """The files below an assignment's folder that are not staff's.

    Raises:
        HandinError: one of them is a link or a special file.
    """
    return {path: source for path, source in files(folder).items() if not is_staff_owned(path, staff_owned)}


def submission_sha256(handin: Path, staff_owned: Sequence[str]) -> str:
    """Hash of the student-owned files' names and bytes: the same for a folder and its zip, in any order."""
    return _digest([("", student_files(handin, staff_owned))])


def assignment_sha256(assignment: Assignment) -> str:
    """Hash of all that decides a grade beside the hand-in: tests, snapshots, stubs, points, references.

    Handout and leaderboards decide nothing and are left out, so that mending a sentence regrades nobody.
    """
    staff = {path: source for path, source in files(assignment.folder).items() if path not in UNGRADED}
    layers: list[tuple[str, Layer]] = [("assignment", staff), ("hidden", files(assignment.hidden_tests))]
    layers += [(f"need {need.name}", reference(need)) for need in needed(assignment)]
    return _digest(layers, version())


def problem_sha256(assignment: Assignment, problem: str) -> str:
    """Hash of all that decides the tests of one problem: a change elsewhere need not have them run again.

    Points are left out, which decide no test; what other problems' tests and snapshots are, too.
    """
    staff = {path: source for path, source in files(assignment.folder).items() if not _is_of_another(path, problem)}
    hidden = {
        p: source for p, source in files(assignment.hidden_tests).items() if not _is_of_another(TESTS / p, problem)
    }
    layers: list[tuple[str, Layer]] = [("assignment", staff), ("hidden", hidden)]
    layers += [(f"need {need.name}", reference(need)) for need in needed(assignment)]
    of_toml = (assignment.needs, assignment.preload, assignment.staff, assignment.limits, assignment.policy)
    return _digest(layers, version(), repr(of_toml), repr(replace(assignment.problems[problem], points=0, title="")))


def _is_of_another(path: PurePosixPath, problem: str) -> bool:
    """Whether a staff file decides no grade, is the TOML (looked at by itself), or of another problem's tests."""
    if path in (*UNGRADED, TOML):
        return True
    if path.parts[:2] == ("tests", "snapshots"):
        return path.parts[2:3] != (problem,)
    return path.parent == TESTS and path.name.startswith("test_") and path.name != f"test_{problem}.py"


def _worker_view(assignment: Assignment) -> Layer:
    """The staff's assignment folder as a worker may see it."""
    staffs = files(assignment.folder)
    return {p: source for p, source in staffs.items() if p.parts[0] != "tests" or p.is_relative_to(FIXTURES)}


def reference(assignment: Assignment) -> Layer:
    """The folder with its reference laid over it, as assignments that need it build on it.

    In a student's tree that is the folder itself: what students were given of it, or wrote.
    """
    if not assignment.solution.is_dir():
        if (assignment.root / "staff").is_dir():
            raise ConfigError(f"{assignment.solution}: not there; expected the reference of '{assignment.name}'")
        return _worker_view(assignment)
    return _lay(_worker_view(assignment), student_files(assignment.solution, assignment.staff_owned))


def needed(assignment: Assignment) -> list[Assignment]:
    """The assignments this one builds on, and those that they build on, each once."""
    found: dict[str, Assignment] = {}
    waiting = list(assignment.needs)
    while waiting:
        name = waiting.pop(0)
        if name not in found and name != assignment.name:
            found[name] = assignments.load(assignment.root, name)
            waiting += found[name].needs
    return list(found.values())


def _lay(below: Layer, above: Layer) -> Layer:
    """`above` over `below`. A file takes the place of a folder of its name, and a folder that of a file."""
    folders = {parent for path in above for parent in path.parents}
    kept = {
        path: source
        for path, source in below.items()
        if path not in folders and not any(parent in above for parent in path.parents)
    }
    return {**kept, **above}


def _below(name: str, layer: Layer) -> dict[PurePosixPath, Path]:
    return {PurePosixPath(name) / path: source for path, source in layer.items()}


def files(folder: Path) -> dict[PurePosixPath, Path]:
    """The plain files below `folder`, in the order of their names; caches are passed over."""
    found: dict[PurePosixPath, Path] = {}
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_left_out(name))
        for name in [*folders, *sorted(names)]:
            path = Path(place, name)
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                raise HandinError(f"{path}: neither a plain file nor a folder; expected nothing else here")
            if path.is_file() and not is_left_out(name):
                found[PurePosixPath(path.relative_to(folder).as_posix())] = path
    return found


def _digest(layers: Iterable[tuple[str, Layer]], *salt: str) -> str:
    """SHA-256 over names and contents, each by its own hash, so that no two sets of files read the same."""
    whole = hashlib.sha256()
    for text in salt:
        whole.update(hashlib.sha256(text.encode()).digest())
    for label, layer in layers:
        for path, source in sorted(layer.items()):
            whole.update(hashlib.sha256(f"{label}\0{path}".encode()).digest())
            with source.open("rb") as file:
                whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()


def _same(brought: Path, staffs: Path | None) -> bool:
    return (
        staffs is not None
        and brought.stat().st_size == staffs.stat().st_size
        and brought.read_bytes() == staffs.read_bytes()
    )
