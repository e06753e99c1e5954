"""The commands of leaderboards: pack and send an entry, verify what waits, show the places."""

import json
import os
import sys
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from grader import scratch
from grader.assignment import Assignment, find_root
from grader.cli.console import ERRORS, OUT, AssignmentName, Json, load
from grader.errors import ConfigError
from grader.leaderboard import directory, page, remote
from grader.leaderboard.entry import MANIFEST, Manifest, read_manifest
from grader.leaderboard.pack import PackedEntry, pack
from grader.leaderboard.track import Track, find
from grader.leaderboard.track import load as tracks_of
from grader.leaderboard.verdict import Verdict
from grader.report import files
from grader.report.text import line

TOKEN = "GRADER_TOKEN"
DONE = ("done", "refused", "failed")
MOST_WAIT = 30.0
Run = Annotated[
    Path | None,
    typer.Argument(
        metavar="[RUN]", help="The folder of a run, where the track asks for files.", exists=True, file_okay=False
    ),
]
TrackName = Annotated[
    str | None, typer.Option("--track", help="The track. Default: that of RUN's submission.json, or the only one.")
]
Name = Annotated[str | None, typer.Option("--name", help="The pseudonym that the leaderboard shows.")]
Claim = Annotated[float | None, typer.Option("--claim", help="The score that you measured.")]
Folder = Annotated[Path, typer.Option("--directory", metavar="DIR", help="The leaderboard's folder.", file_okay=False)]

commands = typer.Typer(help="Leaderboards: entries are verified by running them.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(commands, name="leaderboard")


@commands.command()
def tracks(assignment: AssignmentName, json_: Json = False) -> None:
    """List an assignment's tracks: what is measured, within which limits."""
    course = load(assignment)
    known = tracks_of(course.root, course.name)
    if json_:
        print(json.dumps([asdict(track) for track in known.values()], indent=1))
        return
    if not known:
        OUT.print(f"{course.name} has no leaderboard", markup=False, highlight=False)
    for track in known.values():
        OUT.print(Text(f"{track.id}: {track.title}", style="bold"), soft_wrap=True)
        OUT.print(
            f"  {track.metric}, in {track.unit}; {track.direction.value} is better; within {track.noise:g} is a tie\n"
            f"  budget: {track.budget_seconds:g} s on {track.cores} core{'s' * (track.cores > 1)}"
            f"{' and a GPU' if track.device == 'gpu' else ''}"
            f"{', verified on one, too' if track.verified_on == 'gpu' else ''}; files: {', '.join(track.files) or 'none, code alone'}",
            markup=False, highlight=False, soft_wrap=True,
        )  # fmt: skip


@commands.command()
def validate(
    assignment: AssignmentName,
    run: Run = None,
    track: TrackName = None,
    name: Name = None,
    claim: Claim = None,
    out: Annotated[Path | None, typer.Option(help="Keep the zip here.", dir_okay=False)] = None,
) -> None:
    """Pack an entry and look at it as the server would, without sending it. Nothing of it is run."""
    course = load(assignment)
    with tempfile.TemporaryDirectory() as place:
        packed, chosen = _packed(course, run, track, name, claim, out or Path(place, "entry.zip"))
        _show_packed(packed, chosen)
    OUT.print(
        "this can be sent" if out is None else f"{out} can be sent", markup=False, highlight=False, soft_wrap=True
    )


@commands.command()
def submit(
    assignment: AssignmentName,
    run: Run = None,
    to: Annotated[
        str, typer.Option(metavar="WHERE", help="A course server (http://…), or a leaderboard's folder.")
    ] = "",
    track: TrackName = None,
    name: Name = None,
    claim: Claim = None,
    token: Annotated[
        str | None, typer.Option(envvar=TOKEN, help="Yours, for a server; better in the environment.")
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Stay until the entry is verified, and show what it came to.")
    ] = False,
) -> None:
    """Pack an entry, look at it as the server would, and send it. Exit with 1 if it was waited for and refused."""
    course = load(assignment)
    if not to:
        raise ConfigError("--to is missing; expected a course server (http://…) or a leaderboard's folder")
    with tempfile.TemporaryDirectory() as place:
        packed, chosen = _packed(course, run, track, name, claim, Path(place, f"{course.name}.zip"))
        _show_packed(packed, chosen)
        if "://" in to:
            if not token:
                raise ConfigError(f"no token; expected the one that the course gave you in --token or {TOKEN}")
            _follow(remote.Server(to, token), chosen, packed, wait)
            return
        if wait:
            raise ConfigError("--wait is for servers; a folder's entries are verified by `grader leaderboard verify`")
        number, new = directory.Board(Path(to), course.root).submit(packed.path, chosen)
    said = "queued" if new else "already there"
    OUT.print(f"entry {number}: {said}; not verified yet", markup=False, highlight=False, soft_wrap=True)


@commands.command()
def verify(
    folder: Folder,
    engine: Annotated[str | None, typer.Option(help="The sandbox. Default: the best here.")] = None,
    json_: Json = False,
) -> None:
    """Verify what waits in a leaderboard's folder, and write its page. Nothing else should run on the machine meanwhile."""
    root = load_root(folder)
    board = directory.Board(folder, root)
    scratch.sweep()
    found: list[Verdict] = []

    def seen(number: str, verdict: Verdict) -> None:
        found.append(verdict)
        if not json_:
            _show_verdict(number, find(root, verdict.assignment, verdict.track), verdict)

    count = board.verify_all(engine, seen)
    _write(board)
    for row in board.beyond_this_machine():
        ERRORS.print(
            f"{row.id} {line(row.manifest.name, 60)}: waits; it is verified on a GPU, and this machine has none: "
            "verify on a machine with CUDA",
            style="yellow", markup=False, highlight=False, soft_wrap=True,
        )  # fmt: skip
    if json_:
        print(json.dumps([asdict(verdict) for verdict in found], indent=1))
    else:
        OUT.print(f"{count} verified; page: {os.path.relpath(folder / 'board.html')}", markup=False, highlight=False)


@commands.command()
def show(folder: Folder, json_: Json = False) -> None:
    """Show the places in a leaderboard's folder, what waits and what was refused."""
    board = directory.Board(folder, load_root(folder))
    if json_:
        print(
            json.dumps(
                {f"{t.assignment}/{t.id}": [_row(row) for row in board.rows(t)] for t in board.tracks()}, indent=1
            )
        )
        return
    for track in board.tracks():
        table = Table(box=box.SIMPLE_HEAD, title=f"{track.title} ({track.unit})", title_justify="left")
        for title in ("place", "name", "measured", "claimed", "state"):
            table.add_column(title, justify="right" if title in ("measured", "claimed") else "left")
        for row in board.rows(track):
            one = _row(row)
            place = "" if row.place is None else f"{row.place.rank}{' (tied)' * row.place.tied}"
            score = (
                ""
                if row.verdict is None or row.verdict.score is None
                else page.score(row.verdict.score, row.verdict.spread)
            )
            claimed = "" if row.manifest.claim is None else page.score(row.manifest.claim)
            state = one["state"] + "".join(f": {reason}" for reason in one["reasons"][:1])
            table.add_row(place, Text(line(row.manifest.name, 60)), score, claimed, Text(line(str(state), 200)))
        OUT.print(table)
    _write(board)


def load_root(folder: Path) -> Path:
    """The course at or above the working directory, or above the leaderboard's folder."""
    try:
        return find_root(Path.cwd())
    except ConfigError:
        return find_root(folder.resolve())


def _packed(
    course: Assignment, run: Path | None, track: str | None, name: str | None, claim: float | None, out: Path
) -> tuple[PackedEntry, Track]:
    known = tracks_of(course.root, course.name)
    manifest = Manifest(course.name, next(iter(known)) if len(known) == 1 else "", "")
    if run is not None and (run / MANIFEST).is_file():
        manifest = read_manifest(run / MANIFEST, str(run))
    if track is not None:
        manifest = replace(manifest, track=track)
    if not manifest.track and known:
        raise ConfigError(f"--track is missing; {course.name} has: {', '.join(known)}")
    chosen = find(course.root, course.name, manifest.track)
    manifest = replace(manifest, name=name or manifest.name, claim=manifest.claim if claim is None else claim)
    if not manifest.name:
        raise ConfigError("--name is missing; expected the pseudonym that the leaderboard shows")
    return pack(course, chosen, run, manifest, out), chosen


def _show_packed(packed: PackedEntry, track: Track) -> None:
    size = sum(file.size for file in packed.files)
    OUT.print(
        f"{track.title}: {line(packed.manifest.name, 60)}, {len(packed.files)} files, {size:,} bytes, sha256 {packed.sha256[:16]}…",
        markup=False, highlight=False, soft_wrap=True,
    )  # fmt: skip
    for note in packed.notes:
        ERRORS.print(f"note: {note}", style="yellow", markup=False, highlight=False, soft_wrap=True)


def _follow(server: remote.Server, track: Track, packed: PackedEntry, wait: bool) -> None:
    """Send, and show the queue and the result."""
    sent = server.submit(track.assignment, track.id, packed.path, packed.manifest.claim)
    said, pause = "", 1.0
    while True:
        ahead = sent.answer.get("ahead")
        now = f"entry {sent.id}: {line(sent.state, 20)}" + (
            f", {ahead} before it" if type(ahead) is int and ahead else ""
        )
        if now != said:
            OUT.print(now, markup=False, highlight=False)
            said = now
        if not wait or sent.state in DONE:
            break
        sys.stdout.flush()
        time.sleep(pause)
        pause = min(1.5 * pause, MOST_WAIT)
        sent = server.ask(sent.id)
    score, reason = sent.answer.get("score"), sent.answer.get("reason")
    if isinstance(score, int | float):
        OUT.print(f"measured: {page.score(score)} {track.unit}", markup=False, highlight=False)
    if reason:
        OUT.print(f"reason: {line(str(reason), 500)}", markup=False, highlight=False, soft_wrap=True)
    if sent.state in ("refused", "failed"):
        raise typer.Exit(1)


def _show_verdict(number: str, track: Track, verdict: Verdict) -> None:
    if verdict.ok and verdict.score is not None:
        said = f"verified, {page.score(verdict.score, verdict.spread)} {track.unit}"
    else:
        said = "refused: " + "; ".join(verdict.reasons)
    OUT.print(f"{number} {line(verdict.name, 60)}: {said}", markup=False, highlight=False, soft_wrap=True)


def _row(row: directory.Row) -> dict[str, Any]:
    verdict = row.verdict
    return {
        "id": row.id,
        "name": row.manifest.name,
        "at": row.at.isoformat(),
        "state": "waiting" if verdict is None else "verified" if verdict.ok else "refused",
        "rank": None if row.place is None else row.place.rank,
        "tied": row.place is not None and row.place.tied,
        "score": None if verdict is None else verdict.score,
        "claim": row.manifest.claim,
        "reasons": [] if verdict is None else list(verdict.reasons),
    }


def _write(board: directory.Board) -> None:
    boards = [(track, board.rows(track)) for track in board.tracks()]
    files.replace(board.folder / "board.html", page.render("Leaderboards", boards))
