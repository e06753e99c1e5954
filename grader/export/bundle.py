"""The zip that Gradescope runs: setup.sh, run_autograder, the grader, and of the course what grading one assignment needs.

What is in it: the grader without its tests; the assignment's folder; its hidden tests; folder and reference of the
assignments it needs; of `course.toml` what students may see of hidden tests. What is not: the assignment's own
reference, other assignments, golden submissions, the roster, version control, caches.

Not covered: on a container that lets bubblewrap make no namespaces, the grader falls back to the engine `plain`, which
contains nothing; hand-ins then run beside the hidden tests. The hidden "staff" entry of each result names the engine.
"""

import json
import shlex
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import grader
from grader import overlay
from grader.assignment import Assignment, requested
from grader.course.policy import Visibility
from grader.errors import ConfigError
from grader.export import gradescope

PACKAGE = Path(grader.__file__).parent
DISTRIBUTION = ("pyproject.toml", "README.md", "LICENSE")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can say
FILE, PROGRAM = 0o100644 << 16, 0o100755 << 16
PROGRAMS = ("setup.sh", "run_autograder")


@dataclass(frozen=True)
class Bundle:
    """A zip that was made. `names` are the files in it."""

    path: Path
    seed: int
    names: tuple[str, ...]


def build(
    assignment: Assignment, visibility: Visibility, seed: int, out: Path, torch_index: str | None = None
) -> Bundle:
    """Write the zip to `out`, in one step; the same input gives the same bytes.

    `torch_index` is the package index that setup.sh takes torch from, in place of pip's own.

    Raises:
        ConfigError: the grader does not run from a checkout, or a reference that the assignment needs is not there.
    """
    extras = requested([assignment, *overlay.needed(assignment)])
    index = f"--index-url {shlex.quote(torch_index)}" if torch_index else ""
    files: dict[str, bytes] = {
        "setup.sh": _script("setup.sh", {"TORCH": _torch(), "INDEX": index, "EXTRAS": extras}),
        "run_autograder": _script("run_autograder.sh", {"ASSIGNMENT": shlex.quote(assignment.name), "SEED": str(seed)}),
        "unfinished.json": gradescope.dumps(gradescope.unfinished()).encode(),
        "course/course.toml": _course_toml(assignment.name, visibility).encode(),
    }
    for name in DISTRIBUTION:
        files[name] = _distribution(name)
    files |= {name: data for name, data in _below("grader", PACKAGE).items() if not name.startswith("grader/tests/")}
    files |= _below(f"course/{assignment.name}", assignment.folder)
    files |= _below(f"course/staff/hidden_tests/{assignment.name}", assignment.hidden_tests)
    for need in overlay.needed(assignment):
        if not need.solution.is_dir():
            raise ConfigError(f"{need.solution}: not there; expected the reference of '{need.name}'")
        files |= _below(f"course/{need.name}", need.folder)
        files |= _below(f"course/staff/solutions/{need.name}", need.solution)
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = out.with_name(f".{out.name}.part")
    try:
        with zipfile.ZipFile(draft, "w") as archive:
            for name, data in files.items():
                archive.writestr(_entry(name), data)
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
    return Bundle(out, seed, tuple(files))


def _below(name: str, folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        return {}
    return {f"{name}/{path}": source.read_bytes() for path, source in overlay.files(folder).items()}


def _distribution(name: str) -> bytes:
    path = PACKAGE.parent / name
    if not path.is_file():
        raise ConfigError(f"{path}: not there; a bundle is made from a checkout of the course, not an installed grader")
    return path.read_bytes()


def _torch() -> str:
    """What `pyproject.toml` asks of torch, so that the CPU build is taken in a version that fits."""
    wanted: list[str] = tomllib.loads(_distribution("pyproject.toml").decode())["project"]["dependencies"]
    return next(item for item in wanted if item.startswith("torch"))


def _script(name: str, values: Mapping[str, str]) -> bytes:
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text.encode()


def _course_toml(assignment: str, visibility: Visibility) -> str:
    """What students may see of hidden tests; due dates, extensions and the roster stay at home."""
    lines = ["[visibility]", f"hidden_tests = {_quoted(visibility.hidden_tests)}"]
    for problem, hints in visibility.hints.get(assignment, {}).items():
        lines.append(f"[visibility.hints.{_quoted(assignment)}.{_quoted(problem)}]")
        lines += [f"{_quoted(test)} = {_quoted(hint)}" for test, hint in hints.items()]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's is one but for U+007F."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _entry(name: str) -> zipfile.ZipInfo:
    """A zip entry that tells nothing of the machine or the time it was made on."""
    info = zipfile.ZipInfo(name, EPOCH)
    info.create_system = 3
    info.external_attr = PROGRAM if name in PROGRAMS else FILE
    info.compress_type = zipfile.ZIP_DEFLATED
    return info
