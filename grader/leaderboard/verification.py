"""Verifies an entry: opens it, looks at its source, runs it in the sandbox under its track's verifier, holds the score against
floor and claim.

Whatever an entry does becomes a verdict with a reason. What goes wrong on our side is an exception: the entry stays
where it was.
"""

import importlib.util
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from grader import assignment as assignments
from grader import overlay, sandbox, scratch
from grader.assignment import Assignment, Problem
from grader.errors import ConfigError, HandinError, SubmissionError
from grader.findings import Finding
from grader.judge import guard_process
from grader.leaderboard import gpu
from grader.leaderboard.case import Case, Measured, Refused
from grader.leaderboard.entry import Manifest, open_entry
from grader.leaderboard.track import Device, Track
from grader.leaderboard.verdict import SCHEMA, Verdict
from grader.policy import Policy, ScanResult, scan_in_process
from grader.report.text import line
from grader.testing.check import Wrong
from grader.version import version

RUN = "run"
"""Where the files of an entry lie in the assignment's folder."""
MOST_REASONS = 5
SCAN_SECONDS = 120.0
"""For the source check: nobody waits for a verification, and it should not be lost to a busy machine."""
UNCONTAINED = (
    "verified in the engine 'plain', which contains nothing: the entry could have read the seed and the hidden data"
)
Verifier = Callable[[Case], Measured]


def verify(root: Path, assignment: str, track: Track, source: Path, seed: int, engine: str | None = None) -> Verdict:
    """Verify the entry `source`, a zip or a folder. It may take minutes, and nothing else should run on the machine.

    Entries that are to be compared get the same `seed`, which nobody else may know.

    Raises:
        GraderError: ours: no verifier, no sandbox, a machine that lacks something, a GPU for one.
    """
    gpu.check(track)
    course = of_track(assignments.load(root, assignment), track)
    verifier = load_verifier(course, track)
    chosen = sandbox.choose(engine_for(track, engine))
    started = time.monotonic()
    blank = Verdict(
        schema=SCHEMA, assignment=assignment, track=track.id, name="", entry_sha256="", ok=False, score=None, spread=0.0,
        claim=None, reasons=(), notes=(), seed=seed, engine=chosen.name, seconds=0.0,
        versions={"grader": version()},
    )  # fmt: skip
    with scratch.folder() as folder:
        try:
            entry = open_entry(source, course, track, folder / "entry")
            verdict = _said(blank, entry.manifest, entry.sha256)
            tree = _tree(course, entry.code, entry.files, folder / "tree")
            reference = _tree(course, course.solution, entry.files, folder / "reference")
        except HandinError as error:
            return _refused(blank, [str(error)], started)
        policy = Policy.from_table(course.policy, course.toml)
        case = Case(track, course, entry, seed, chosen, policy.for_guard(), tree.root, reference.root)
        scan = scan_in_process(tree.package, policy, _entry_points(course), course.staff_owned, seconds=SCAN_SECONDS)
        findings = [_told(finding) for finding in scan.findings if finding.kind == "policy"]
        if findings:
            return _refused(verdict, findings, started)
        try:
            measured = verifier(case)
        except (Refused, Wrong) as error:
            return _refused(verdict, _seen(case, scan, policy) or [str(error)], started)
        except SubmissionError as error:
            return _refused(verdict, _seen(case, scan, policy) or [f"while it was verified: {error}"], started)
        reasons = [*_seen(case, scan, policy), *_judged(track, entry.manifest, measured)]
        versions = {**verdict.versions, **(case.started[0].versions if case.started else {})}
    verdict = replace(
        verdict,
        measurements=dict(measured.measurements),
        notes=(*measured.notes, *(() if chosen.isolating else (UNCONTAINED,))),
        spread=measured.spread,
        versions=versions,
    )
    if reasons:
        return _refused(verdict, reasons, started)
    return replace(verdict, ok=True, score=measured.score, seconds=round(time.monotonic() - started, 3))


def of_track(course: Assignment, track: Track) -> Assignment:
    """The assignment with the track's limits and devices, and the track in place of its problems."""
    problem = Problem(track.id, track.title, 1, "", ())
    devices = gpu.devices() if track.verified_on is Device.GPU else ()
    return replace(course, limits=track.limits, problems={track.id: problem}, devices=devices)


def engine_for(track: Track, engine: str | None) -> str | None:
    """The engine asked for; of those that contain anything only `bubblewrap` gives a box a GPU."""
    return "bubblewrap" if track.verified_on is Device.GPU and engine != "plain" else engine


def load_verifier(course: Assignment, track: Track) -> Verifier:
    """The `verify` of the track's verifier.

    Raises:
        ConfigError: there is none; a released tree has none.
    """
    path = course.root / "staff" / "leaderboards" / course.name / f"{track.verifier}.py"
    if not path.is_file():
        raise ConfigError(f"{path}: not there; entries are verified where the course's staff files are")
    guard_process(course)
    name = f"verifier_of_{course.name}_{track.verifier}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{path}: cannot be loaded as Python")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)  # dataclasses look their module up
    spec.loader.exec_module(module)
    verifier: Verifier = module.verify
    return verifier


def _said(blank: Verdict, manifest: Manifest, sha256: str) -> Verdict:
    return replace(blank, name=manifest.name, claim=manifest.claim, entry_sha256=sha256)


def _tree(course: Assignment, code: Path, files: Mapping[str, Path], destination: Path) -> overlay.Overlay:
    """The code over the assignment's folder, and an entry's files in `run`, where only they are."""
    tree = overlay.build(course, code, destination)
    run = tree.package / RUN
    if run.exists():
        raise HandinError(f"the code holds '{RUN}', where the files of the entry are put; expected it to be free")
    run.mkdir()
    run.chmod(0o755)
    for name, path in files.items():
        shutil.copyfile(path, run / name)
        (run / name).chmod(0o644)
    return tree


def _entry_points(course: Assignment) -> dict[str, tuple[str, ...]]:
    original = assignments.load(course.root, course.name)
    return {problem.id: problem.adapters for problem in original.problems.values()}


def _seen(case: Case, scan: ScanResult, policy: Policy) -> list[str]:
    """What the guard saw at run time that the assignment forbids."""
    events = (event for submission in case.started for event in submission.observed.events)
    found = (scan.seen_at_run_time(event.rule, event.file, event.line, event.problem, policy) for event in events)
    return sorted(_told(finding) for finding in found if finding is not None)


def _told(finding: Finding) -> str:
    """A finding without what it says of problems: an entry has none."""
    return f"{finding.file}:{finding.line}: {finding.message.removesuffix(' (no adapter reaches it)')}"


def _judged(track: Track, manifest: Manifest, measured: Measured) -> list[str]:
    """Why the score does not count, if it does not."""
    score = measured.score
    if track.impossible(score):
        return [f"a score of {score:.4g} {track.unit} is impossible (the floor is {track.floor}): {track.floor_reason}"]
    if manifest.claim is not None and track.gap(score, manifest.claim) > track.claim_within:
        return [
            f"the entry claims {manifest.claim:.4g} {track.unit}, and {score:.4g} was measured; "
            f"expected a claim that holds to within {track.claim_within:g}"
        ]
    return []


def _refused(verdict: Verdict, reasons: Sequence[str], started: float) -> Verdict:
    kept = tuple(line(reason, 500) for reason in reasons[:MOST_REASONS])
    return replace(verdict, ok=False, score=None, reasons=kept, seconds=round(time.monotonic() - started, 3))
