"""The commands for those who run a course: doctor, check, snapshots."""

import json
import os
import platform
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from grader import assignment as assignments
from grader import sandbox
from grader.assignment import PUBLIC_SEED, Assignment
from grader.cli.console import ERRORS, OUT, AssignmentName, Json, load
from grader.errors import ConfigError, GraderError
from grader.outcome import Verdict
from grader.sandbox import Engine, Job
from grader.task import Task


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("doctor")(doctor)
    app.command("check")(check)
    app.command("snapshots")(snapshots)


def doctor(json_: Json = False) -> None:
    """Say what this machine gives: sandboxes, Python, torch, cores. Exit with 2 where no sandbox contains hostile code."""
    import torch

    engines = {name: _trial(engine) for name, engine in sandbox.ENGINES.items()}
    machine = {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "gpu": torch.cuda.get_device_name(0) if torch.cuda.is_available() else None,
        "cores": os.cpu_count(),
        "temporary_folder_gib_free": round(shutil.disk_usage(tempfile.gettempdir()).free / 2**30, 1),
    }
    isolating = any(why is None and sandbox.ENGINES[name].isolating for name, why in engines.items())
    if json_:
        print(
            json.dumps(
                {
                    "machine": machine,
                    "engines": {k: v or "works" for k, v in engines.items()},
                    "isolating": isolating,
                }
            )
        )
    else:
        for key, value in machine.items():
            OUT.print(f"{key.replace('_', ' '):<28}{value if value is not None else 'none'}", highlight=False)
        for name, why in engines.items():
            note = "" if sandbox.ENGINES[name].isolating else " (limits resources only, contains nothing)"
            OUT.print(
                f"engine {name:<21}{'works' if why is None else why}{note}",
                style="green" if why is None else "red",
                highlight=False,
            )
        OUT.print(
            "hostile hand-ins are contained" if isolating else "hostile hand-ins are NOT contained on this machine",
            style="green" if isolating else "red",
        )
    if not isolating:
        raise typer.Exit(2)


def _trial(engine: Engine) -> str | None:
    """Why the engine does not work here, found by starting a box."""
    missing = engine.missing()
    if missing is not None:
        return missing
    job = Job("import sys; sys.stdin.read(); sys.exit(7)", {"PATH": "/usr/bin:/bin"}, 512, 16, 16, 64)
    try:
        box = engine.start(job)
    except GraderError as error:
        return str(error)
    box.channel.close()
    end = box.wait(30)
    said = (box.output.read(200) or b"").decode("utf-8", "replace")
    box.kill()
    return None if end == "exit code 7" else f"a trial ended with {end}; expected exit code 7: {said}"


def check(
    assignment: Annotated[str | None, typer.Argument(help="One assignment; by default all of the course.")] = None,
    json_: Json = False,
) -> None:
    """Find disagreements between the TOML, the tests, the handout, adapters, stubs and reference. Runs no code."""
    from grader import consistency

    root = assignments.find_root(Path.cwd())
    chosen = [assignment.rstrip("/")] if assignment else assignments.names(root)
    found = [line for name in chosen for line in consistency.disagreements(root, name)]
    if json_:
        print(json.dumps(found))
    else:
        for line in found:
            OUT.print(line, markup=False, highlight=False, soft_wrap=True)
        OUT.print(f"{len(found)} disagreements in {', '.join(chosen)}", style="red" if found else "green")
    if found:
        raise typer.Exit(2)


def snapshots(
    assignment: AssignmentName,
    write: Annotated[bool, typer.Option("--write", help="Record them anew from the reference.")] = False,
) -> None:
    """Compare the stored snapshots with what the reference gives now, or record them anew."""
    from grader import grading

    course = load(assignment)
    folder = course.folder / "tests" / "snapshots"
    before = _contents(folder)
    outcome = grading.grade(_reference_task(course))
    bad = [test for test in outcome.tests if test.verdict is not Verdict.PASS]
    after = _contents(folder)
    changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    if not write:
        for path in before.keys() | after.keys():
            _restore(folder / path, before.get(path))
    for path in changed:
        OUT.print(f"{'recorded' if write else 'differs'}: {path}", markup=False, highlight=False)
    if not changed:
        OUT.print(f"{len(after)} snapshots agree with the reference")
    for test in bad:
        ERRORS.print(f"{test.problem}: {test.name}: {test.verdict}: {test.message}", markup=False, highlight=False)
    if bad or (changed and not write):
        raise typer.Exit(2)


def _reference_task(course: Assignment) -> Task:
    if not course.solution.is_dir():
        raise ConfigError(f"{course.solution} is not there; snapshots are recorded from the reference")
    engine = sandbox.choose().name
    return Task(course.root, course.name, course.solution, "reference", PUBLIC_SEED, engine, recording=True)


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _restore(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    else:
        path.write_bytes(content)
