"""The commands that grade, score again, and look at what was graded."""

import json
import os
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated

import typer

from grader import pool, sandbox, scoring, scratch
from grader.assignment import PUBLIC_SEED, Assignment, nearest
from grader.batch import Batch
from grader.cli import progress
from grader.cli.console import ERRORS, OUT, AssignmentName, GradebookUrl, Json, load, open_gradebook
from grader.cluster import Cluster
from grader.errors import ConfigError
from grader.intake import report_names
from grader.outcome import Verdict
from grader.report import read_outcomes, slim, table, write_class, write_handin
from grader.report.document import of_class
from grader.scoring import HandinScore
from grader.task import PolicyMode, Task

ARCHIVES = (".zip", ".tgz", ".tar", ".gz", ".bz2", ".xz", ".zst", ".7z", ".rar")
"""How archives end that people hand in. Those that cannot be opened are refused, by name: nobody's work is passed over."""
DEFAULT_OUT = Path("grades")

Out = Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `grader grade --out` wrote.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("grade")(grade)
    app.command("score")(score)
    app.command("status")(status)


def grade(
    assignment: AssignmentName,
    handins: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[HANDIN]...",
            help="Folders, .zip or .tar.gz files; a folder of hand-ins stands for all in it. Default: the assignment's own folder.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Where the reports go.", file_okay=False)] = DEFAULT_OUT,
    seed: Annotated[
        int, typer.Option(help="The seed all inputs are drawn from; kept in the report.", min=0)
    ] = PUBLIC_SEED,
    problem: Annotated[list[str] | None, typer.Option(help="Grade this problem only; may be repeated.")] = None,
    jobs: Annotated[int, typer.Option(help="Hand-ins graded at a time.", min=1)] = 1,
    engine: Annotated[
        str | None, typer.Option(help=f"The sandbox: {', '.join(sandbox.ENGINES)}. Default: the best here.")
    ] = None,
    policy: Annotated[PolicyMode, typer.Option(help="What a from-scratch finding does.")] = PolicyMode.ENFORCE,
    require: Annotated[
        float | None, typer.Option(help="Exit with 1 if a hand-in scores less than this many per cent.")
    ] = None,
    gradebook: GradebookUrl = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Grade on a Ray cluster: ray://HOST:PORT, or 'local' for one started here."
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Grade what the gradebook holds, too.")] = False,
    json_: Json = False,
) -> None:
    """Grade hand-ins: one JSON report each, class.json and class.html in DIR, a table on the terminal.

    What is graded enters a gradebook. Stop it, kill it, run it again: finished hand-ins are not graded again.
    """
    course = load(assignment)
    sources = expand(handins or [course.folder], course.name)
    tasks = _tasks(course, sources, seed, problem, engine, policy)
    scratch.sweep()
    scores = []
    with ExitStack() as stack:
        book = stack.enter_context(closing(open_gradebook(gradebook, out)))
        nodes = stack.enter_context(closing(Cluster(cluster))) if cluster else None
        seen = stack.enter_context(progress.shown(f"grading {course.name}", len(tasks), silent=json_))
        run = pool.grade_all if nodes is None else nodes.grade_all
        for graded in Batch(course, book, jobs, again=again, run=run).grade(tasks):
            write_handin(graded.score, out)
            scores.append(slim(graded.score))
            seen.one(graded.task.name, progress.state(graded.score, graded.kept))
            if graded.score.refused:
                refusal = graded.score.outcome.refusal
                ERRORS.print(f"refused: {refusal}", markup=False, highlight=False, soft_wrap=True)
    page = write_class(course, scores, out)
    _show(course, scores, page, json_)
    if any(_is_ours(result) for result in scores):
        ERRORS.print(
            "GRADER_ERROR: an error of the grader; the problems concerned are pending, nobody lost points",
            style="red",
        )
        raise typer.Exit(2)
    if any(result.refused or (require is not None and _percent(result) < require) for result in scores):
        raise typer.Exit(1)


def score(directory: Out, json_: Json = False) -> None:
    """Give points again from kept outcomes, after a change of assignment.toml; no code is run."""
    outcomes = read_outcomes(directory)
    if not outcomes:
        raise ConfigError(f"{directory}: holds no outcomes; expected a folder that `grader grade --out` wrote")
    for name in sorted({outcome.assignment for outcome in outcomes}):
        course = load(name)
        scores = [scoring.score(outcome, course) for outcome in outcomes if outcome.assignment == name]
        for result in scores:
            write_handin(result, directory)
        _show(course, scores, write_class(course, scores, directory), json_)


def status(directory: Out, json_: Json = False) -> None:
    """Say what has been graded so far: hand-ins by state, and each problem's verdicts."""
    if not directory.is_dir():
        raise ConfigError(f"{directory}: is not there; expected a folder that `grader grade --out` wrote")
    outcomes = read_outcomes(directory)
    states: Counter[str] = Counter()
    verdicts: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        result = scoring.score(outcome, load(outcome.assignment))
        states["refused" if result.refused else "pending" if _is_ours(result) else "graded"] += 1
        for row in [] if result.refused else result.problems:
            verdicts.setdefault(row.id, Counter())[row.verdict.value] += 1
    if json_:
        print(json.dumps({"hand_ins": dict(states), "problems": {key: dict(value) for key, value in verdicts.items()}}))
        return
    OUT.print(", ".join(f"{count} {state}" for state, count in sorted(states.items())) or f"no outcomes in {directory}")
    for name, counts in verdicts.items():
        OUT.print(f"  {name:<34}" + "  ".join(f"{verdict} {count}" for verdict, count in counts.most_common()))


def expand(handins: Sequence[Path], assignment: str) -> list[Path]:
    """Replace each folder of hand-ins by the hand-ins in it."""
    found: list[Path] = []
    for path in handins:
        found += _members(path, assignment) or [path]
    return found


def _members(path: Path, assignment: str) -> list[Path]:
    """The hand-ins in a folder of hand-ins; nothing for a path that is a hand-in itself.

    Lone Python files are hand-ins beside archives; beside folders they may be what is left of a hand-in itself.
    """
    if not path.is_dir() or path.is_symlink() or _is_handin(path, assignment):
        return []
    inside = [entry for entry in sorted(path.iterdir()) if not entry.name.startswith(".")]
    archives = [entry for entry in inside if entry.is_file() and entry.name.casefold().endswith(ARCHIVES)]
    folders = [entry for entry in inside if entry.is_dir()]
    files = [entry for entry in inside if entry.is_file() and entry.suffix.casefold() == ".py"] if archives else []
    return archives + folders + files if archives or len(folders) > 1 else []


def _is_handin(path: Path, assignment: str) -> bool:
    return (path / "adapters.py").is_file() or (path / assignment).is_dir()


def _tasks(
    course: Assignment,
    sources: list[Path],
    seed: int,
    problems: list[str] | None,
    engine: str | None,
    policy: PolicyMode,
) -> list[Task]:
    for name in problems or ():
        if name not in course.problems:
            raise ConfigError(f"--problem {name}: {course.name} has no such problem{nearest(name, course.problems)}")
    chosen = sandbox.choose(engine)
    if not chosen.isolating:
        ERRORS.print(
            "warning: the engine 'plain' limits resources but does not contain hostile code; see `grader doctor`",
            style="yellow",
        )
    wanted = None if not problems else tuple(name for name in course.problems if name in problems)
    return [
        Task(course.root, course.name, source.absolute(), name, seed, chosen.name, wanted, policy)
        for source, name in zip(sources, report_names(sources), strict=True)
    ]


def _show(course: Assignment, scores: list[HandinScore], page: Path, json_: bool) -> None:
    if json_:
        print(json.dumps(of_class(course, scores), indent=1))
        return
    OUT.print(table.by_problem(scores[0]) if len(scores) == 1 else table.by_handin(course, scores))
    OUT.print(f"report: {os.path.relpath(page)}", highlight=False, soft_wrap=True)


def _is_ours(result: HandinScore) -> bool:
    return any(row.verdict is Verdict.GRADER_ERROR for row in result.problems)


def _percent(result: HandinScore) -> float:
    return 100 * result.share
