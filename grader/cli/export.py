"""The commands that bring grades elsewhere: export, final, gradescope-bundle."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from grader import course as courses
from grader.assignment import find_root
from grader.cli.console import ERRORS, OUT, AssignmentName, Json, load
from grader.course import attempts
from grader.course.policy import Policy
from grader.errors import ConfigError
from grader.export import audience, bundle, canvas, defuse, feedback, final, folder, gradescope, junit, spreadsheet
from grader.export.final import Finals
from grader.export.folder import Handin
from grader.report.files import replace

Directory = Annotated[
    Path, typer.Argument(metavar="DIR", help="A folder that `grader grade --out` wrote.", file_okay=False)
]
File = Annotated[Path, typer.Option("--out", help="The file to write.", dir_okay=False)]
Folder = Annotated[Path, typer.Option("--out", help="The folder to write into: a file each hand-in.", file_okay=False)]
Course = Annotated[
    Path | None,
    typer.Option(
        help="The course's root, for course.toml. Default: at or above the working directory.", file_okay=False
    ),
]
Times = Annotated[
    Path | None, typer.Option("--attempts", help="Give final grades, as `grader final` makes them with this file.")
]
Also = Annotated[
    list[Path] | None,
    typer.Option(help="With --attempts: a graded folder of another assignment, for late days; may be repeated."),
]
Staff = Annotated[
    bool, typer.Option("--staff", help="Show all of hidden tests, as for staff. Default: what students may see.")
]

exports = typer.Typer(
    help="Bring grades elsewhere. What our own error keeps undecided is exported as undecided, never as 0. "
    "Exit codes: 0 fine, 1 a hand-in found no row, 2 ours.",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(exports, name="export")
    app.command("final")(finals)
    app.command("gradescope-bundle")(gradescope_bundle)


@exports.command("gradescope")
def to_gradescope(directory: Directory, out: Folder, course: Course = None, json_: Json = False) -> None:
    """Gradescope's results.json, one a hand-in: DIR/<name>.json. Of hidden tests students see name and hint."""
    visibility = _policy(course).visibility
    handins = _read(directory)
    written = [
        replace(out / f"{handin.submission}.json", gradescope.dumps(gradescope.of(handin, visibility)))
        for handin in handins
    ]
    _said(written, json_)


@exports.command("canvas")
def to_canvas(
    directory: Directory,
    gradebook: Annotated[Path, typer.Argument(help="The gradebook as Canvas exported it.", dir_okay=False)],
    column: Annotated[str, typer.Option(help="The column to fill: its whole title, or the number in it.")],
    out: File,
    times: Times = None,
    also: Also = None,
    course: Course = None,
    json_: Json = False,
) -> None:
    """Fill one column of a gradebook that Canvas exported; every other byte is kept. Exit with 1 if a hand-in has no row."""
    if out.resolve() == gradebook.resolve():
        raise ConfigError(f"{out}: is the gradebook itself; expected another file, so that the two can be compared")
    policy, handins, incomplete = _policy(course), _read(directory), False
    if times is None:
        entries = canvas.scores(handins, policy.roster)
    else:
        result = _finals(handins, times, also, policy)
        incomplete = bool(result.without_time or result.not_graded)
        entries = canvas.grades(result, handins[0].assignment, policy.roster)
    filled = canvas.fill(gradebook, column, entries)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(filled.content)
    if json_:
        print(json.dumps({key: value for key, value in asdict(filled).items() if key != "content"}, indent=1))
    else:
        _listed("no row", filled.without_row)
        _listed("left as it was", filled.left_alone)
        _listed("no hand-in", dict.fromkeys(filled.rows_without_handin, ""))
        OUT.print(
            f"{len(filled.written)} scores in column {defuse.line(filled.column)} of {out}",
            markup=False, highlight=False, soft_wrap=True,
        )  # fmt: skip
    if filled.without_row or incomplete:
        raise typer.Exit(1)


@exports.command("csv")
def to_csv(directory: Directory, out: File, json_: Json = False) -> None:
    """A plain CSV for staff: one row a hand-in, one column a problem, no formula in any cell."""
    _said([replace(out, spreadsheet.of_class(_read(directory)))], json_)


@exports.command("junit")
def to_junit(directory: Directory, out: File, staff: Staff = False, course: Course = None, json_: Json = False) -> None:
    """JUnit XML: one suite a hand-in, with points as properties."""
    _said([replace(out, junit.of(_shown(_read(directory), staff, _policy(course))))], json_)


@exports.command("html")
def to_html(
    directory: Directory,
    out: Folder,
    staff: Staff = False,
    times: Times = None,
    also: Also = None,
    course: Course = None,
    json_: Json = False,
) -> None:
    """Feedback as an HTML page a hand-in; with --attempts also the steps to the final grade."""
    policy, handins = _policy(course), _read(directory)
    result = None if times is None else _finals(handins, times, also, policy)
    written = [
        replace(out / f"{handin.submission}.html", feedback.html(shown, () if result is None else result.lines(handin)))
        for handin, shown in zip(handins, _shown(handins, staff, policy), strict=True)
    ]
    _said(written, json_)


@exports.command("markdown")
def to_markdown(
    directory: Directory,
    out: Folder,
    staff: Staff = False,
    times: Times = None,
    also: Also = None,
    course: Course = None,
    json_: Json = False,
) -> None:
    """Feedback as a Markdown file a hand-in; with --attempts also the steps to the final grade."""
    policy, handins = _policy(course), _read(directory)
    result = None if times is None else _finals(handins, times, also, policy)
    written = [
        replace(
            out / f"{handin.submission}.md", feedback.markdown(shown, () if result is None else result.lines(handin))
        )
        for handin, shown in zip(handins, _shown(handins, staff, policy), strict=True)
    ]
    _said(written, json_)


def finals(
    directories: Annotated[
        list[Path],
        typer.Argument(metavar="DIR...", help="Graded folders, one an assignment.", file_okay=False),
    ],
    times: Annotated[
        Path, typer.Option("--attempts", help="A CSV: submission, student, submitted, and assignment if need be.")
    ],
    out: Annotated[Path | None, typer.Option(help="A CSV to write.", dir_okay=False)] = None,
    course: Course = None,
    json_: Json = False,
) -> None:
    """Final grades by course.toml: late days, penalties, extensions, best or last attempt, points given by hand.

    Every step has a line of explanation. Exit with 1 if a hand-in and a line of --attempts have no counterpart.
    """
    policy = _policy(course)
    handins = [handin for directory in directories for handin in _read(directory)]
    result = final.of(handins, attempts.read(times, policy), policy)
    if out is not None:
        replace(out, spreadsheet.of_grades(result.grades, result.names))
    if json_:
        print(json.dumps(asdict(result), indent=1))
    else:
        for student, grade in result.grades.items():
            OUT.print(defuse.line(student), style="bold", markup=False, highlight=False)
            for line in [line for part in grade.assignments for line in part.lines] + list(grade.lines):
                OUT.print(f"  {defuse.line(line, 1000)}", markup=False, highlight=False, soft_wrap=True)
    if _one_sided(result):
        raise typer.Exit(1)


def gradescope_bundle(
    assignment: AssignmentName,
    out: Annotated[Path, typer.Option(help="The zip to write.", dir_okay=False)] = Path("autograder.zip"),
    seed: Annotated[
        int | None, typer.Option(help="The seed all inputs are drawn from. Default: one drawn now.", min=0)
    ] = None,
    torch_index: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Have setup.sh take torch from this package index: PyTorch's own for CPUs saves gigabytes.",
        ),
    ] = None,
    json_: Json = False,
) -> None:
    """Make the zip to upload to Gradescope: setup.sh, run_autograder, the grader and the assignment with hidden tests."""
    loaded = load(assignment)
    chosen = secrets.randbelow(2**31) if seed is None else seed
    made = bundle.build(loaded, courses.load(loaded.root).visibility, chosen, out, torch_index)
    if json_:
        print(json.dumps({"path": str(made.path), "seed": made.seed, "files": list(made.names)}))
        return
    OUT.print(
        f"{made.path}: {len(made.names)} files, seed {made.seed}; it holds hidden tests: for staff only",
        markup=False, highlight=False, soft_wrap=True,
    )  # fmt: skip


def _policy(course: Path | None) -> Policy:
    """The course's policy; outside of any course, the one without rules."""
    if course is not None:
        return courses.load(find_root(course.resolve()))
    try:
        root = find_root(Path.cwd())
    except ConfigError:
        return Policy()
    return courses.load(root)


def _read(directory: Path) -> list[Handin]:
    """The hand-ins; the undecided ones are named."""
    handins = folder.read(directory)
    for handin in handins:
        if handin.provisional:
            ERRORS.print(
                f"provisional: {defuse.line(handin.submission)}: {defuse.line(', '.join(handin.pending), 500)} pending, "
                "an error of the grader; exported as undecided",
                style="yellow", markup=False, highlight=False, soft_wrap=True,
            )  # fmt: skip
    return handins


def _shown(handins: Sequence[Handin], staff: bool, policy: Policy) -> list[Handin]:
    return list(handins) if staff else [audience.for_student(handin, policy.visibility) for handin in handins]


def _finals(handins: Sequence[Handin], times: Path, also: Sequence[Path] | None, policy: Policy) -> Finals:
    others = [handin for other in also or () for handin in _read(other)]
    result = final.of([*handins, *others], attempts.read(times, policy), policy)
    _one_sided(result)
    return result


def _one_sided(result: Finals) -> bool:
    """Name what has no counterpart; whether there was any."""
    _listed("graded, but not in --attempts", dict.fromkeys(result.without_time, ""))
    _listed("in --attempts, but not graded", dict.fromkeys(result.not_graded, ""))
    return bool(result.without_time or result.not_graded)


def _said(written: list[Path], json_: bool) -> None:
    if json_:
        print(json.dumps({"written": [str(path) for path in written]}))
        return
    shown = str(written[0]) if len(written) == 1 else f"{len(written)} files in {written[0].parent}"
    OUT.print(f"wrote {shown}", markup=False, highlight=False, soft_wrap=True)


def _listed(what: str, names: Mapping[str, str]) -> None:
    for name, why in names.items():
        reason = f": {defuse.line(why, 500)}" if why else ""
        ERRORS.print(
            f"{what}: {defuse.line(name)}{reason}", style="yellow", markup=False, highlight=False, soft_wrap=True
        )
